using Functions.Queue;

namespace Functions.Tests.Queues;

public sealed class QueueFailureTests
{
    [Theory]
    [InlineData("ab", "ab")]
    [InlineData("abc", "ab...")]
    [InlineData("a\ud83d\ude00", "a...")]
    public void Create_LongMessage_IsCutOffBetweenCharacters(string end, string expected)
    {
        var start = new string('x', 3998);

        Assert.Equal(start + expected, QueueFailure.Create("code", start + end).Message);
    }
}
