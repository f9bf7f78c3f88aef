using System.Reflection;
using System.Xml.Linq;

namespace Architecture.Tests;

/// <summary>A project in src: its project file, its source files and its built assembly.</summary>
internal sealed class SourceProject(string name)
{
    /// <summary>The folder src.</summary>
    public static readonly string Root = Metadata("Sources");

    private readonly string _folder = Path.Combine(Root, name);
    private readonly XDocument _file = XDocument.Load(ProjectFile(name));

    /// <summary>The names of all projects in src.</summary>
    public static TheoryData<string> Names =>
    [
        .. Directory.GetDirectories(Root)
            .Select(folder => Path.GetFileName(folder))
            .Where(name => File.Exists(ProjectFile(name)))
            .Order(),
    ];

    /// <summary>The names of the projects that the project file references.</summary>
    public IEnumerable<string> References => Includes("ProjectReference").Select(path => Path.GetFileNameWithoutExtension(path));

    /// <summary>The namespaces that the project file imports into every source file.</summary>
    public IEnumerable<string> Usings => Includes("Using");

    /// <summary>The path of the built assembly, below the folder of the target framework.</summary>
    public string Assembly
    {
        get
        {
            var assembly = _file.Descendants("AssemblyName").SingleOrDefault()?.Value ?? name;
            return Directory.GetDirectories(Path.Combine(_folder, "bin", Metadata("Configuration")))
                .Select(framework => Path.Combine(framework, $"{assembly}.dll"))
                .Single(File.Exists);
        }
    }

    /// <summary>Reads the source files: the text of each by its path in the project's folder.</summary>
    public IReadOnlyDictionary<string, string> ReadSources() => Directory.GetFiles(_folder, "*.cs", SearchOption.AllDirectories)
        .Select(file => Path.GetRelativePath(_folder, file))
        .Where(file => file.Split(Path.DirectorySeparatorChar)[0] is not ("bin" or "obj"))
        .ToDictionary(file => file, file => File.ReadAllText(Path.Combine(_folder, file)));

    private static string ProjectFile(string name) => Path.Combine(Root, name, $"{name}.csproj");

    private static string Metadata(string key) =>
        typeof(SourceProject).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(data => data.Key == key).Value!;

    private IEnumerable<string> Includes(string item) => _file.Descendants(item).Select(element => element.Attribute("Include")!.Value);
}
