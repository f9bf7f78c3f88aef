using System.Text.Json;
using Cli.Server;
using Inference;

namespace Cli.Predict;

/// <summary>
/// Decides how many items of a file are in one request. A model that has no separate output for each item gets all items in one request,
/// because its result depends on all of them.
/// </summary>
/// <param name="batch">The number of items per request, for a model with an output per item.</param>
/// <param name="isGiven">Whether the command line has the number.</param>
internal sealed class RequestSize(ModelInfo model, int batch, bool isGiven)
{
    /// <param name="count">The number of items in the file.</param>
    /// <exception cref="CliException">
    /// The command line divides the items of a model that needs them in one request, or the server does not describe the model.
    /// </exception>
    public async Task<int> ChooseAsync(int count, CancellationToken cancellationToken)
    {
        // The server is not called for items that fit in one request.
        if (count <= batch || await HasOutputPerItemAsync(cancellationToken))
            return batch;
        return isGiven
            ? throw CliException.CreateUsageError(
                $"{model.Model} has no separate output for each item, so {Counted.Text(count, "item")} cannot be divided into "
                + $"requests of {batch}. Leave out --batch to send one request.")
            : count;
    }

    private async Task<bool> HasOutputPerItemAsync(CancellationToken cancellationToken)
    {
        var description = await model.DescribeAsync(cancellationToken);
        return ServerResponse.Read(() =>
            !description.TryGetProperty("batch", out var rule) || !rule.ValueEquals("none"u8) || HaveFirstSize(description, batch));
    }

    /// <summary>
    /// Whether the first dimension of each input and output has this size. A model of the shape [4,3] predicts four items in each request.
    /// </summary>
    private static bool HaveFirstSize(JsonElement description, long size) =>
        description.GetProperty("inputs").EnumerateArray().Concat(description.GetProperty("outputs").EnumerateArray())
            .Select(tensor => tensor.GetProperty("shape"))
            .All(shape => shape.GetArrayLength() > 0 && shape[0].GetInt64() == size);
}
