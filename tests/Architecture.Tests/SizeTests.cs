using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Architecture.Tests;

/// <summary>Checks the sizes of lines, methods, files and folders of C# code.</summary>
public sealed class SizeTests
{
    private static readonly string Root = Path.GetDirectoryName(SourceProject.Root)!;

    [Fact]
    public void Lines_OfCode_AreShort() => Violations.AssertNone(
        $"A line has at most {Rules.MaxLineLength} characters, unless it has a literal of more than {Rules.LongLiteral}. Break the line.",
        Files().AsParallel().SelectMany(file => FindLongLines(File.ReadAllText(file)).Select(line => $"{Name(file)}:{line}")));

    [Fact]
    public void Methods_AreShort() => Violations.AssertNone(
        $"A method in src has at most {Rules.MaxMethodLines} lines. Move a step of it to a method with a name.",
        Files("src").AsParallel()
            .SelectMany(file => FindLongMethods(File.ReadAllText(file)).Select(method => $"{Name(file)}: {method}")));

    [Fact]
    public void Files_AreShort() => Violations.AssertNone(
        $"A file has at most {Rules.MaxFileLines} lines. Move a part that has a name of its own to another file.",
        from file in Files()
        let count = File.ReadLines(file).Count()
        where count > Rules.MaxFileLines
        select $"{Name(file)}: {count} lines");

    [Fact]
    public void Folders_AreSmall() => Violations.AssertNone(
        $"A folder has at most {Rules.MaxFilesInFolder} files of code. Move files that belong together to a subfolder.",
        from folder in Files().GroupBy(file => Path.GetDirectoryName(file)!)
        where folder.Count() > Rules.MaxFilesInFolder
        select $"{Name(folder.Key)}: {folder.Count()} files");

    [Theory]
    [InlineData("class C { string S = \"LONG\"; }", false)]
    [InlineData("class C { string S = $\"LONG{1}\"; }", false)]
    [InlineData("class C { string S = \"short\"; } // LONG", true)]
    [InlineData("/// LONG\nclass C;", true)]
    [InlineData("class C { int LONG; }", true)]
    public void FindLongLines_LineOf200Characters_IsFoundUnlessALiteralMakesItLonger(string code, bool isFound) =>
        Assert.Equal(isFound, FindLongLines(code.Replace("LONG", new string('a', 200), StringComparison.Ordinal)).Any());

    [Theory]
    [InlineData(38, false)]
    [InlineData(39, true)]
    public void FindLongMethods_BracesAndStatements_AreCounted(int statements, bool isFound)
    {
        var body = string.Concat(Enumerable.Repeat(";\n", statements - 1));
        Assert.Equal(isFound, FindLongMethods($"class C {{\nvoid M()\n{{\n{body}}}\n}}").Any());
    }

    private static IEnumerable<string> FindLongLines(string code)
    {
        var text = Microsoft.CodeAnalysis.Text.SourceText.From(code);
        var root = new Lazy<SyntaxNode>(() => CSharpSyntaxTree.ParseText(text).GetRoot());
        return
            from line in text.Lines
            where line.Span.Length > Rules.MaxLineLength && FindLongestLiteral(root.Value, line.Span) <= Rules.LongLiteral
            select $"{line.LineNumber + 1}: {line.Span.Length} characters";
    }

    private static int FindLongestLiteral(SyntaxNode root, Microsoft.CodeAnalysis.Text.TextSpan line) => root.DescendantNodes(line)
        .Where(node => node is LiteralExpressionSyntax or InterpolatedStringExpressionSyntax)
        .Select(node => node.Span.Intersection(line)?.Length ?? 0)
        .DefaultIfEmpty().Max();

    private static IEnumerable<string> FindLongMethods(string code)
    {
        var root = CSharpSyntaxTree.ParseText(code).GetRoot();
        return
            from method in root.DescendantNodes().OfType<BaseMethodDeclarationSyntax>()
            let span = method.SyntaxTree.GetLineSpan(method.Span)
            let lines = span.EndLinePosition.Line - span.StartLinePosition.Line + 1
            where lines > Rules.MaxMethodLines
            select $"line {span.StartLinePosition.Line + 1} begins a method of {lines} lines";
    }

    private static string Name(string path) => Path.GetRelativePath(Root, path);

    private static List<string> Files(params string[] folders) =>
    [
        .. (folders.Length > 0 ? folders : ["src", "tests", "bench", "samples"])
            .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories))
            .Where(file => !Name(file).Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj" or "node_modules")),
    ];
}
