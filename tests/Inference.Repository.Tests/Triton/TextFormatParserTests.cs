using System.Text;
using Inference.Repository.Triton;
using Inference.Testing;

namespace Inference.Repository.Tests.Triton;

public sealed class TextFormatParserTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("# only a comment", "")]
    [InlineData("a: 1", "a=1")]
    [InlineData("a:1 b:2", "a=1 b=2")]
    [InlineData("a:1,b:2;c:3", "a=1 b=2 c=3")]
    [InlineData("a: 1 # to here\n\tb: 2\r\n", "a=1 b=2")]
    [InlineData("a { b: 1 }", "a{b=1}")]
    [InlineData("a: { b: 1 };", "a{b=1}")]
    [InlineData("a < b < c: 1 > >", "a{b{c=1}}")]
    [InlineData("a {} a {}", "a{} a{}")]
    [InlineData("a: [1, 2 , 3]", "a=1 a=2 a=3")]
    [InlineData("a: []", "")]
    [InlineData("a [ { b: 1 }, < b: 2 > ]", "a{b=1} a{b=2}")]
    [InlineData("a: [ 'x', \"y\" \"z\" ]", "a='x' a='yz'")]
    [InlineData("a: 'one' \"two\" # and\n 'three'", "a='onetwothree'")]
    [InlineData("""a: "\n\t\\\'\"\?\a\b\f\r\v" """, "a='\n\t\\'\"?\a\b\f\r\v'")]
    [InlineData("""a: "\101\x42\u0043\U00000044\7" """, "a='ABCD\a'")]
    [InlineData("""a: "\303\244\xc3\xb6\u00fc" """, "a='äöü'")]
    [InlineData("a: \"größe\"", "a='größe'")]
    [InlineData("a: -1 b: - 2 c: -# sign\n3", "a=-1 b=-2 c=-3")]
    [InlineData("a: 0x1F b: 017 c: 1.5 d: .5 e: 1e3 f: 1.E-3f g: -inf h: nan", "a=0x1F b=017 c=1.5 d=.5 e=1e3 f=1.E-3f g=-inf h=nan")]
    [InlineData("kind: KIND_CPU on: true", "kind=KIND_CPU on=true")]
    [InlineData("[x.y/a.B] { c: 1 } [ext.name]: 2", "[x.y/a.B]{c=1} [ext.name]=2")]
    [InlineData("a:10[ext]:20", "a=10 [ext]=20")]
    public void Parse_Good_ReadsTheFields(string text, string expected)
    {
        var problems = new ProblemList("x");

        var fields = TextFormatParser.Parse(Encoding.UTF8.GetBytes(text), problems);

        Assert.Empty(problems.Problems);
        Assert.Equal(expected, Show(fields!));
    }

    [Theory]
    [InlineData("a", 1, 2, "The end of the file was found, but ':' or '{' after \"a\" is expected.")]
    [InlineData("a: ", 1, 4, "The end of the file was found, but a value is expected.")]
    [InlineData("a {\n  b: 1\n", 3, 1, "a field or '}' is expected")]
    [InlineData("a { b: 1 >", 1, 10, "\">\" was found, but the name of a field")]
    [InlineData("}", 1, 1, "the name of a field")]
    [InlineData("a: 1\n\n  b 2", 3, 5, "\"2\" was found, but ':'")]
    [InlineData("a: 10b: 2", 1, 4, "\"10b\" is not a number")]
    [InlineData("a: 09", 1, 4, "\"09\" is not a number")]
    [InlineData("a: 0x", 1, 4, "\"0x\" is not a number")]
    [InlineData("a: 1.2.3", 1, 4, "\"1.2.3\" is not a number")]
    [InlineData("a: + 1", 1, 4, "a value is expected")]
    [InlineData("a: -'x'", 1, 5, "a value is expected")]
    [InlineData("a: 'x", 1, 4, "does not end on its line")]
    [InlineData("a: 'x\n'", 1, 4, "does not end on its line")]
    [InlineData("a: 'x\\'", 1, 4, "does not end on its line")]
    [InlineData("a: 'x\\q'", 1, 6, "not an escape sequence")]
    [InlineData("a: '\\400'", 1, 5, "not an escape sequence")]
    [InlineData("a: '\\ud800'", 1, 5, "not an escape sequence")]
    [InlineData("a: '\\xff'", 1, 4, "is not UTF-8")]
    [InlineData("a: [1, 2", 1, 9, "',' or ']'")]
    [InlineData("a: [1 2]", 1, 7, "',' or ']'")]
    [InlineData("a: [1,]", 1, 7, "a value is expected")]
    [InlineData("a: [[1]]", 1, 5, "a value is expected")]
    [InlineData("a: 1,, b: 2", 1, 6, "the name of a field")]
    [InlineData("a: \u00e4", 1, 4, "The byte 0xc3 is outside of a string")]
    [InlineData("[x", 1, 3, "A name in brackets")]
    [InlineData("/* c */", 1, 1, "\"/\" was found")]
    public void Parse_Bad_SaysWhere(string text, int line, int column, string expected)
    {
        var problems = new ProblemList("x");

        Assert.Null(TextFormatParser.Parse(Encoding.UTF8.GetBytes(text), problems));

        var problem = Assert.Single(problems.Problems);
        Assert.Equal((line, column), (problem.Line, problem.Column));
        AssertText.Contains(expected, problem.Message);
    }

    [Fact]
    public void Parse_TooDeep_IsRefused()
    {
        var problems = new ProblemList("x");

        Assert.Null(TextFormatParser.Parse(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("a{", 100_000))), problems));

        Assert.Contains("more than 64 levels deep", Assert.Single(problems.Problems).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_Places_AreThoseOfTheFieldsAndOfAListsItems()
    {
        var fields = TextFormatParser.Parse("a: 1\n b: [2,\n  3]"u8, new ProblemList("x"))!;

        Assert.Equal([(1, 1), (2, 6), (3, 3)], fields.Select(field => (field.Line, field.Column)));
    }

    private static string Show(IEnumerable<TextField> fields) => string.Join(' ', fields.Select(field => field.Name + field.Kind switch
    {
        TextKind.Message => $"{{{Show(field.Fields)}}}",
        TextKind.String => $"='{field.Text}'",
        TextKind.Word or TextKind.Number => $"={field.Text}",
    }));
}
