using Inference.Testing;

namespace Functions.Tests.Chaos;

/// <summary>Draws the calls of one client at random. The seed makes the calls repeatable.</summary>
internal sealed class ChaosPlan(ChaosModels models, Random random)
{
    /// <summary>
    /// The statuses that are documented for every model: the server is overloaded, the model is unavailable, or the deadline has passed.
    /// </summary>
    private static readonly int[] Busy = [429, 503, 504];

    private static readonly string[] Good = [.. ChaosModels.Good];
    private static readonly string[] Lasting = [.. Good.Where(model => model != ChaosModels.Versioned)];

    /// <param name="hasTimeout">Whether a request of the protocol can contain a timeout.</param>
    public ChaosCall Next(bool hasTimeout) => random.Next(100) switch
    {
        < 58 => GoodCall(),
        < 68 => GoodCall() with { Leave = Milliseconds(0, 30) },
        < 74 => Slow(),
        < 80 => Endless(ChaosModels.Endless, hasTimeout),
        < 82 => Endless(ChaosModels.Stuck, hasTimeout: false),
        < 87 => new ChaosCall(ChaosModels.Invalid, Row(), Check: null, Busy, Timeout: null, Leave: null),
        < 93 => TableCall(),
        < 96 => new ChaosCall(ChaosModels.TooBig, Row(), Check: null, Busy, Timeout: null, Leave: null),
        _ => Scaled(ChaosModels.Alone),
    };

    /// <summary>Draws a call for a job. A job continues after its caller has disconnected, so its model must not run endlessly.</summary>
    public ChaosCall JobCall() => Scaled(Lasting[random.Next(Lasting.Length)]);

    /// <summary>Draws a call for embeddings.</summary>
    public ChaosCall WordsCall()
    {
        float[] row = [.. Enumerable.Range(0, random.Next(1, 9)).Select(_ => random.Next(2))];
        var leave = RandomOrNull(Milliseconds(0, 30));
        return new ChaosCall(ChaosModels.Words, row, response => ChaosModels.CheckWords(row, response), Busy, Timeout: null, leave);
    }

    private ChaosCall GoodCall() => Scaled(Good[random.Next(Good.Length)]);

    private ChaosCall Scaled(string model)
    {
        var row = Row();
        // A version of this model may run endlessly.
        TimeSpan? leave = model == ChaosModels.Versioned ? TimeSpan.FromSeconds(2) : null;
        return new ChaosCall(model, row, response => models.CheckGood(model, row, response), Busy, Timeout: null, leave);
    }

    private ChaosCall Slow()
    {
        var row = Row();
        var leave = RandomOrNull(Milliseconds(0, 300));
        return new ChaosCall(ChaosModels.Slow, row, response => ChaosModels.CheckSame(row, response), Busy, Timeout: null, leave);
    }

    /// <summary>Draws a call whose run never ends: its timeout passes, or its caller disconnects.</summary>
    private ChaosCall Endless(string model, bool hasTimeout) => hasTimeout && random.Next(2) == 0
        ? new ChaosCall(model, Row(), Check: null, Busy, Milliseconds(50, 1000), Leave: null)
        : new ChaosCall(model, Row(), Check: null, Busy, Timeout: null, Milliseconds(50, 1500));

    private ChaosCall TableCall()
    {
        var row = Row().Select(value => value % (GeneratedModels.LastIndex + 1)).ToArray();
        if (random.Next(2) == 0)
        {
            return new ChaosCall(
                ChaosModels.Table, row, response => ChaosModels.CheckTable(row, response), Busy, Timeout: null, Leave: null);
        }

        row[random.Next(row.Length)] = GeneratedModels.LastIndex + 1;
        return new ChaosCall(ChaosModels.Table, row, Check: null, [400, .. Busy], Timeout: null, Leave: null);
    }

    /// <summary>Draws a row of whole numbers, because their multiples are exact.</summary>
    private float[] Row() => [.. Enumerable.Range(0, GeneratedModels.Columns).Select(_ => (float)random.Next(1, 1000))];

    private TimeSpan Milliseconds(int from, int to) => TimeSpan.FromMilliseconds(random.Next(from, to));

    private TimeSpan? RandomOrNull(TimeSpan time) => random.Next(3) == 0 ? time : null;
}
