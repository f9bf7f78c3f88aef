namespace Functions.Tests;

/// <summary>The same as <see cref="PublishedFactAttribute"/>, with data.</summary>
public sealed class PublishedTheoryAttribute : TheoryAttribute
{
    public PublishedTheoryAttribute() => Skip = new PublishedFactAttribute().Skip;
}
