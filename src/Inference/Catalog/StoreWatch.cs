using System.Globalization;
using Inference.Models;
using Microsoft.Extensions.Logging;

namespace Inference.Catalog;

/// <summary>
/// Compares each listing of the whole store with the last accepted listing. A volume that is not mounted looks like an empty folder. When
/// more than half of the models are missing at once, the store has more likely lost its volume than its models. The missing models then
/// count as models that cannot be listed, so they stay in service. Models that are still missing after <see cref="DeletionDelay"/> and
/// <see cref="MinMissedListings"/> listings count as deleted.
/// </summary>
internal sealed class StoreWatch(TimeProvider time, ILogger logger)
{
    /// <summary>The number of consecutive listings that must miss the models before they count as deleted.</summary>
    private const int MinMissedListings = 3;

    /// <summary>The time for which the models must be missing before they count as deleted.</summary>
    private static readonly TimeSpan DeletionDelay = TimeSpan.FromMinutes(2);

    private readonly Lock _gate = new();

    /// <summary>The logged reasons of the last listing. The key is the name of a model, or identifies a problem of files.</summary>
    private readonly Dictionary<string, string> _loggedReasons = [];

    /// <summary>The last accepted listing.</summary>
    private ModelListing _accepted = ModelListing.Empty;
    private StoreLoss? _loss;

    /// <summary>
    /// Why the store seems to have lost its volume; null when nothing seems lost. The text does not contain the store's location.
    /// </summary>
    public string? Loss
    {
        get
        {
            lock (_gate)
                return _loss?.Reason;
        }
    }

    /// <summary>Records a listing of the whole store.</summary>
    /// <returns>The listing to use, whose failures contain the models of a lost volume.</returns>
    public ModelListing RecordListing(ModelListing listing)
    {
        lock (_gate)
        {
            LogChanges(listing);
            var (known, missing) = (_accepted.Names.Count(), FindMissing(listing));
            if (missing.Count * 2 <= known)
                return Accept(listing);
            var before = _loss;
            _loss = (before ?? new StoreLoss(known, 0, 0, time.GetUtcNow(), time.GetTimestamp())) with
            {
                Missing = missing.Count,
                MissedListings = (before?.MissedListings ?? 0) + 1,
            };
            if (_loss.MissedListings >= MinMissedListings && time.GetElapsedTime(_loss.Started) >= DeletionDelay)
                return Accept(listing);
            if (before is null)
                logger.StoreLost(_loss.Reason);
            return listing.WithFailures(missing, _accepted, _loss.Reason);
        }
    }

    /// <summary>Accepts a listing without checks, because an operator has confirmed its content.</summary>
    /// <param name="name">The model that was listed; null for all.</param>
    public void Accept(ModelName? name, ModelListing listing)
    {
        lock (_gate)
        {
            if (name is null)
            {
                Accept(listing);
                return;
            }

            _accepted =
                new ModelListing([.. _accepted.Where(version => version.Id.Name != name), .. listing], new Dictionary<ModelName, string>())
                {
                    Failures = _accepted.Failures.Where(failure => failure.Key != name).ToDictionary(),
                    Problems = [.. _accepted.Problems.Where(problem => problem.Name != name.Value.Value), .. listing.Problems],
                };
        }
    }

    /// <summary>Adds the models of a lost volume to a listing, as models that could not be listed.</summary>
    /// <param name="name">The model that was listed; null for all.</param>
    public ModelListing AddMissing(ModelName? name, ModelListing listing)
    {
        lock (_gate)
        {
            if (_loss is null)
                return listing;
            var missing = FindMissing(listing);
            missing.RemoveWhere(model => name is { } listedName && model != listedName);
            return listing.WithFailures(missing, _accepted, _loss.Reason);
        }
    }

    /// <summary>Returns the models of the last accepted listing as failures, for a store that does not respond.</summary>
    /// <param name="name">The model; null for all models.</param>
    public ModelListing ListKnownAsFailed(ModelName? name, string reason)
    {
        lock (_gate)
        {
            var names = _accepted.Names.Where(known => name is null || known == name).ToHashSet();
            return ModelListing.Empty.WithFailures(names, _accepted, reason);
        }
    }

    private ModelListing Accept(ModelListing listing)
    {
        if (_loss is not null)
            logger.StoreLossEnded();
        (_accepted, _loss) = (listing, null);
        return listing;
    }

    private HashSet<ModelName> FindMissing(ModelListing listing)
    {
        var missing = _accepted.Names.ToHashSet();
        missing.ExceptWith(listing.Names);
        // Models with problems are not missing, because their files exist.
        missing.RemoveWhere(listing.HasProblems);
        return missing;
    }

    /// <summary>Logs each failure of a model, and each problem of its files, when it begins or changes.</summary>
    private void LogChanges(ModelListing listing)
    {
        var reasons = listing.Failures.ToDictionary(failure => failure.Key.Value, failure => failure.Value);
        foreach (var (name, reason) in reasons)
        {
            if (_loggedReasons.GetValueOrDefault(name) != reason)
                logger.ModelNotListed(name, reason);
        }

        foreach (var problem in listing.Problems)
        {
            // The space keeps the key of a problem without a version apart from the keys of versions.
            var key = problem.Version is { } version
                ? string.Create(CultureInfo.InvariantCulture, $"{problem.Name}/{version}")
                : $"{problem.Name}/ {problem.Reason}";
            reasons[key] = problem.Reason;
            if (_loggedReasons.GetValueOrDefault(key) != problem.Reason)
                logger.FilesNotServed(problem.Reason);
        }

        _loggedReasons.Clear();
        foreach (var (name, reason) in reasons)
            _loggedReasons.Add(name, reason);
    }

    /// <summary>A loss that listings have found and that has not ended.</summary>
    /// <param name="Known">The number of models in the last accepted listing.</param>
    /// <param name="Missing">The number of those models that are missing in the latest listing.</param>
    /// <param name="MissedListings">The number of consecutive listings that have found the loss.</param>
    /// <param name="Since">The time of the first of these listings, for the reason.</param>
    /// <param name="Started">The timestamp of the first of these listings, for the measurement of the delay.</param>
    private sealed record StoreLoss(int Known, int Missing, int MissedListings, DateTimeOffset Since, long Started)
    {
        private const string Advice = "Check the volume of Models__Source.";

        public string Reason => string.Create(
            CultureInfo.InvariantCulture,
            $"The model store has been without {Missing} of its {Known} models since {Since:HH:mm:ss} UTC, as if its volume were not "
            + $"mounted. If they are still missing at {Since + DeletionDelay:HH:mm:ss} UTC, they count as deleted. {Advice}");
    }
}
