using Inference.Catalog;
using Inference.Models;
using Inference.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Inference.Tests.Catalog;

public sealed class StoreWatchTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly StoreWatch _sut;

    public StoreWatchTests() => _sut = new StoreWatch(_time, NullLogger.Instance);

    [Theory]
    [InlineData("a b", "a")]
    [InlineData("a b c d", "c d")]
    [InlineData("", "")]
    [InlineData("", "a")]
    public void RecordListing_HalfOfTheModelsOrMoreAreListed_TheOthersCountAsDeleted(string before, string after)
    {
        _sut.RecordListing(Listing(before));

        Assert.Equal(after, Text(_sut.RecordListing(Listing(after))));
        Assert.Null(_sut.Loss);
    }

    [Theory]
    [InlineData("a", "")]
    [InlineData("a b c", "a")]
    public void RecordListing_MostModelsAreMissing_TheyFailForThreeListingsAndTwoMinutes(string before, string after)
    {
        _sut.RecordListing(Listing(before));

        foreach (var seconds in (int[])[30, 30, 30, 29])
        {
            Assert.Equal(before, Text(_sut.RecordListing(Listing(after))));
            Assert.NotNull(_sut.Loss);
            _time.Advance(TimeSpan.FromSeconds(seconds));
        }

        Assert.Equal(before, Text(_sut.RecordListing(Listing(after))));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(after, Text(_sut.RecordListing(Listing(after))));
        Assert.Null(_sut.Loss);
    }

    [Fact]
    public void RecordListing_RareListings_ThreeAreNeeded()
    {
        _sut.RecordListing(Listing("a"));

        var looks = Enumerable.Range(0, 3).Select(_ =>
        {
            _time.Advance(TimeSpan.FromHours(1));
            return Text(_sut.RecordListing(Listing("")));
        });

        Assert.Equal(["a", "a", ""], looks);
    }

    [Fact]
    public void RecordListing_MissingModels_FailWithTheNumbersAndTheTimes()
    {
        _sut.RecordListing(Listing("a b c"));

        var listing = _sut.RecordListing(Listing("a"));

        Assert.Equal(["b", "c"], listing.Failures.Keys.Select(name => name.Value));
        Assert.Equal(
            "The model store has been without 2 of its 3 models since 12:00:00 UTC, as if its volume were not mounted. "
            + "If they are still missing at 12:02:00 UTC, they count as deleted. Check the volume of Models__Source.",
            _sut.Loss);
        Assert.Equal(_sut.Loss, listing.Failures[ModelName.Parse("b")]);
    }

    [Fact]
    public void RecordListing_TheModelsReturn_TheNextLossIsANewOne()
    {
        _sut.RecordListing(Listing("a"));
        _sut.RecordListing(Listing(""));
        _time.Advance(TimeSpan.FromMinutes(5));

        _sut.RecordListing(Listing("a"));

        Assert.Null(_sut.Loss);
        Assert.Equal("a", Text(_sut.RecordListing(Listing(""))));
    }

    [Fact]
    public void RecordListing_ModelsThatCannotBeListed_AreNotMissing()
    {
        _sut.RecordListing(Listing("a b c"));

        var listing = _sut.RecordListing(ModelListing.Empty.WithFailures(Listing("a b c").Names.ToHashSet(), ModelListing.Empty, "broken"));

        Assert.Null(_sut.Loss);
        Assert.Equal("broken", listing.Failures[ModelName.Parse("a")]);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("a")]
    public void Accept_OperatorConfirmsTheListing_HoldsAtOnce(string? name)
    {
        _sut.RecordListing(Listing("a"));
        _sut.RecordListing(Listing(""));

        _sut.Accept(name is null ? null : ModelName.Parse(name), ModelListing.Empty);

        Assert.Equal("", Text(_sut.AddMissing(name: null, ModelListing.Empty)));
        Assert.Equal("", Text(_sut.RecordListing(ModelListing.Empty)));
    }

    [Fact]
    public void ListKnownAsFailed_AfterAListing_HasItsVersions()
    {
        _sut.RecordListing(Listing("a b"));

        var recalled = _sut.ListKnownAsFailed(ModelName.Parse("b"), "down");

        Assert.Equal("b", Text(recalled));
        Assert.Equal("down", recalled.Failures[ModelName.Parse("b")]);
    }

    private static ModelListing Listing(string names) =>
        new([.. names.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(name => new ModelVersion(TestModels.Id(name), "", 1))],
            new Dictionary<ModelName, string>());

    private static string Text(ModelListing listing) =>
        string.Join(' ', listing.Select(version => version.Id.Name.Value).Order(StringComparer.Ordinal));
}
