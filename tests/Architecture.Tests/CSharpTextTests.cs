namespace Architecture.Tests;

public sealed class CSharpTextTests
{
    [Theory]
    [InlineData("public sealed class C(int size) : B;")]
    [InlineData("internal static partial class C\n{\n    private sealed class Nested;\n}")]
    [InlineData("public readonly record struct C(int X);")]
    [InlineData("[Flags] internal enum C { None }")]
    [InlineData("public interface C<out T>\n    where T : class;")]
    [InlineData("public delegate Task<int> C<T>(T value);")]
    public void Types_Declaration_IsFound(string declaration) =>
        Assert.Equal(["A.B.C"], CSharpText.Types($"using System;\n\nnamespace A.B;\n\n// class X\n{declaration}\n"));

    [Theory]
    [InlineData("using A.B;")]
    [InlineData("using static A.B;")]
    [InlineData("using C = A.B<int>;")]
    public void Usings_Line_IsFound(string line)
    {
        Assert.Equal(["A.B"], CSharpText.Usings($"{line}\n"));
        Assert.Equal(["A.B"], CSharpText.GlobalUsings($"global {line}\n"));
    }

    [Theory]
    [InlineData("x = Limits.Most;", true)]
    [InlineData("using static A.Limits;", true)]
    [InlineData("x = 1; // Limits.Most", false)]
    [InlineData("x = OtherLimits.Most;", false)]
    public void UsesMemberOf_Code_IsFound(string code, bool expected) => Assert.Equal(expected, CSharpText.UsesMemberOf(code, "A.Limits"));
}
