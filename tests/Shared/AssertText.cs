namespace Inference.Testing;

/// <summary>Assertions whose failures show the texts as a whole. The assertions of xunit cut long texts and lists.</summary>
internal static class AssertText
{
    /// <summary>Fails when a text does not contain the expected part.</summary>
    public static void Contains(string expected, string? actual)
    {
        if (actual?.Contains(expected, StringComparison.Ordinal) is not true)
            Assert.Fail($"The text does not contain the expected part.\nExpected part:\n{expected}\nText:\n{actual ?? "(null)"}");
    }

    /// <summary>Fails when two places do not have the same items, in any order.</summary>
    /// <param name="advice">What to do about a difference, in whole sentences.</param>
    public static void SameItems(
        (string Place, IEnumerable<string> Items) first, (string Place, IEnumerable<string> Items) second, string advice)
    {
        string[] differences =
        [
            .. first.Items.Except(second.Items).Select(item => $"Only in {first.Place}: {item}"),
            .. second.Items.Except(first.Items).Select(item => $"Only in {second.Place}: {item}"),
        ];
        if (differences.Length > 0)
            Assert.Fail($"{advice}\n{string.Join('\n', differences)}");
    }
}
