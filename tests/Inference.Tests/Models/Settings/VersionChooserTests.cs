using System.Collections.Immutable;
using Inference.Models.Settings;
using Inference.Models.Settings.Versions;
using Inference.Testing;

namespace Inference.Tests.Models.Settings;

public sealed class VersionChooserTests
{
    private const int Requests = 20_000;

    private static readonly VersionSettings Split = new()
    {
        Labels = VersionSettings.NoLabels.Add("stable", 3).Add("canary", 4).Add("gone", 9),
        Traffic = [new TrafficShare(new VersionRef("stable"), 70), new TrafficShare(new VersionRef(4), 20),
            new TrafficShare(new VersionRef(2), 10)],
    };

    [Theory]
    [InlineData("canari", InferenceError.ModelNotFound, "no version labelled \"canari\". Available: canary, gone, stable.")]
    [InlineData("gone", InferenceError.ModelUnavailable, "Label \"gone\" points at version 9")]
    [InlineData(1L, InferenceError.ModelNotFound, "no version 1 that is served. Available: 3, 2.")]
    public void NotServed_LabelOrNumber_ListsTheServedVersions(object version, InferenceError error, string message)
    {
        var exception =
            VersionChooser.CreateNotServedError(
                Split, [3, 2], version is long number ? new VersionRef(number) : new VersionRef((string)version));

        Assert.Equal(error, exception.Error);
        AssertText.Contains(message, exception.Message);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Choose_ManyRequests_SplitsByPercent(bool hasKeys)
    {
        var random = new Random(1);

        var counts = Enumerable.Range(0, Requests)
            .CountBy(i => VersionChooser.Choose(Split, [5, 4, 3, 2], hasKeys ? $"user-{i}" : null, random))
            .ToDictionary();

        Assert.Equal([2, 3, 4], counts.Keys.Order());
        // Five standard deviations of a binomial distribution with p = 0.7 are 1.6 % of these requests.
        Assert.InRange(counts[3], 0.68 * Requests, 0.72 * Requests);
        Assert.InRange(counts[4], 0.18 * Requests, 0.22 * Requests);
    }

    [Fact]
    public void Choose_OneKey_AlwaysChoosesTheSameVersion()
    {
        for (var i = 0; i < 1000; i++)
        {
            var first = Choose(Split, [2, 3, 4], key: $"k{i}", seed: 1);
            Assert.Equal(first, Choose(Split, [5, 4, 3, 2], key: $"k{i}", seed: 2));
        }
    }

    [Fact]
    public void Choose_VersionRemoved_MovesItsKeysOnlyAndByPercent()
    {
        var (moved, toStable) = (0, 0);
        for (var i = 0; i < Requests; i++)
        {
            var before = Choose(Split, [2, 3, 4], key: $"{i}");
            var after = Choose(Split, [2, 3], key: $"{i}");
            if (before != 4)
                Assert.Equal(before, after);
            else
                (moved, toStable) = (moved + 1, toStable + (after == 3 ? 1 : 0));
        }

        Assert.InRange(toStable, 0.84 * moved, 0.91 * moved);
    }

    [Fact]
    public void Choose_NothingOfTheSplitIsThere_IsRefusedRatherThanAnsweredByAnother() =>
        AssertRefused(InferenceError.ModelUnavailable, "\"stable\", 4, 2", () => Choose(Split, [5]));

    [Fact]
    public void Choose_PercentZero_NeverAnswers()
    {
        var settings = new VersionSettings { Traffic = [new TrafficShare(new VersionRef(1), 0), new TrafficShare(new VersionRef(2), 100)] };

        for (var i = 0; i < 1000; i++)
            Assert.Equal(2, Choose(settings, [1, 2], key: $"{i}"));
        AssertRefused(InferenceError.ModelUnavailable, "is served: 2.", () => Choose(settings, [1]));
    }

    [Fact]
    public void Choose_AnySplit_ChoosesAServedVersion()
    {
        var random = new Random(7);
        for (var i = 0; i < 5_000; i++)
        {
            var available = Enumerable.Range(1, 6).Where(_ => random.Next(2) == 0).Select(number => (long)number).ToImmutableArray();
            var first = random.Next(0, 101);
            var settings = new VersionSettings
            {
                Serve = random.Next(3) switch
                {
                    0 =>
                    VersionPolicy.All,
                    1 => VersionPolicy.Latest(random.Next(1, 4)),
                    _ => VersionPolicy.Specific([1, 3, 5])
                },
                Traffic = [new TrafficShare(new VersionRef(random.Next(1, 4)), first),
                    new TrafficShare(new VersionRef(random.Next(4, 7)), 100 - first)],
            };
            var served = settings.Serve.SelectServed(available);
            var possibleVersions = settings.Traffic.Where(share => share.Percent > 0 && served.Contains(share.Version.Number))
                .Select(share => share.Version.Number).ToList();

            if (possibleVersions.Count == 0)
            {
                Assert.Throws<InferenceException>(() => VersionChooser.Choose(settings, served, requestKey: null, random));
                continue;
            }

            Assert.Contains(VersionChooser.Choose(settings, served, requestKey: null, random), possibleVersions);
        }
    }

    [Theory]
    [InlineData("", 0xefd01f60ba992926)]
    [InlineData("a", 0x82a2a958a9bece5b)]
    [InlineData("größe", 0x2eb895f56869eaa1)]
    public void StableHash_KnownText_NeverChanges(string text, ulong expected) => Assert.Equal(expected, StableHash.Compute(text));

    private static long Choose(VersionSettings settings, long[] available, string? key = null, int seed = 0) =>
        VersionChooser.Choose(settings, settings.Serve.SelectServed(available), key, new Random(seed));

    private static void AssertRefused(InferenceError error, string message, Func<long> choose)
    {
        var exception = Assert.Throws<InferenceException>(() => choose());
        Assert.Equal(error, exception.Error);
        AssertText.Contains(message, exception.Message);
    }
}
