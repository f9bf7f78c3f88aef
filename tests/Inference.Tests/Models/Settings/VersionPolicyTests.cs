using Inference.Models.Settings.Versions;

namespace Inference.Tests.Models.Settings;

public sealed class VersionPolicyTests
{
    [Fact]
    public void Served_AnyPolicy_ListsTheHighestVersionFirst()
    {
        Assert.Equal<long>([10, 9, 2], VersionPolicy.All.SelectServed([2, 10, 9]));
        Assert.Equal<long>([3, 2], VersionPolicy.Latest(2).SelectServed([1, 2, 3]));
        Assert.Equal<long>([2, 1], VersionPolicy.Specific([1, 2, 7]).SelectServed([1, 2, 3]));
        Assert.Empty(VersionPolicy.Specific([1]).SelectServed([3]));
    }
}
