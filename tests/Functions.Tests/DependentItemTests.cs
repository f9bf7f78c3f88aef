using System.Globalization;
using System.Net.Http.Headers;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Functions.Tests.Http;
using Inference.Testing;
using Microsoft.ML.OnnxRuntime;

namespace Functions.Tests;

/// <summary>
/// Tests models in which the result for an item depends on the other items of its run. Many callers send requests at once, and each must
/// get the bits that ONNX Runtime returns for the request alone. AS_SENT_REQUESTS sets the number of requests per caller and model.
/// </summary>
public sealed class DependentItemTests : IDisposable
{
    private const int Callers = 16;
    private const int DistinctRequests = 32;

    private static readonly string[] Names = ["finder", "quantized", "normalized", "softmax_items", "running_sum", "minus_mean"];

    /// <summary>By default a little more than the distinct requests, so that each caller sends each of them.</summary>
    private static readonly int RequestsPerCaller =
        int.TryParse(Environment.GetEnvironmentVariable("AS_SENT_REQUESTS"), NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            ? count
            : 40;

    private readonly ModelFolder _folder = new();

    [Theory]
    [InlineData("none", null)]
    [InlineData("delayed", """{"batching":{"maxDelay":"00:00:00.002","maxBatch":8}}""")]
    [InlineData("single", """{"batching":{"maxBatch":1}}""")]
    public async Task Infer_ManyCallers_EveryAnswerIsThatOfTheRequestAlone(string kind, string? settings)
    {
        foreach (var name in Names)
        {
            _folder.Write(await File.ReadAllBytesAsync(TestModels.Path(name)), name, "1", "model.onnx");
            if (settings is not null)
                _folder.Write(settings, name, "model.json");
        }

        var requests = Names.ToDictionary(name => name, name => SentRequest.Make(name, DistinctRequests));
        await using (var cold = await _folder.ServeAsync(("Logging__LogLevel__Inference.Onnx", "Debug")))
        {
            foreach (var name in Names)
                await AskAsync(cold, requests[name], $"{name}, {kind}, cold");
            // The background measurement of the models must not change the responses, neither now nor after the next start.
            foreach (var name in Names)
                await cold.WaitForOutputAsync($"Model {name}/1 is prepared");
            foreach (var name in Names)
                await AskAsync(cold, requests[name], $"{name}, {kind}, prepared");
        }

        await using var warm = await _folder.ServeAsync();
        foreach (var name in Names)
            await AskAsync(warm, requests[name], $"{name}, {kind}, warm");
    }

    public void Dispose() => _folder.Dispose();

    private static async Task AskAsync(FunctionsProcess process, IReadOnlyList<SentRequest> requests, string what)
    {
        var wrong = 0;
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(async () =>
        {
            for (var i = 0; i < RequestsPerCaller; i++)
            {
                if (!await requests[((7 * caller) + i) % requests.Count].IsAnsweredRightAsync(process))
                    Interlocked.Increment(ref wrong);
            }
        })));
        Assert.True(wrong == 0, $"{what}: {wrong} of {Callers * RequestsPerCaller} answers are wrong.");
    }

    /// <summary>A request in binary form, and ONNX Runtime's output for it.</summary>
    private sealed class SentRequest(string model, byte[] body, int headerLength, long[] shape, byte[] answer)
    {
        private const string HeaderLength = "Inference-Header-Content-Length";

        /// <summary>Creates requests of one to six items with small and large numbers.</summary>
        public static List<SentRequest> Make(string model, int count)
        {
            using var session = new InferenceSession(TestModels.Path(model));
            var width = session.InputMetadata["x"].Dimensions[1];
            var random = new Random(20170905);
            return [.. Enumerable.Range(0, count).Select(i => Make(session, model, 1 + (i % 6), width, random))];
        }

        /// <summary>Sends the request, again after each refusal for overload, and compares the response.</summary>
        public async Task<bool> IsAnsweredRightAsync(FunctionsProcess process)
        {
            bool? isRight = null;
            await process.WaitUntilAsync(async () => (isRight = await TryRunAsync(process.Client)) is not null);
            return isRight is true;
        }

        /// <returns>Whether the response is right; null when the server refuses the request for overload.</returns>
        private async Task<bool?> TryRunAsync(HttpClient client)
        {
            using var content = new ByteArrayContent(body);
            content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
            content.Headers.Add(HeaderLength, headerLength.ToString(CultureInfo.InvariantCulture));
            using var response = await client.PostAsync(new Uri($"/v2/models/{model}/infer", UriKind.Relative), content);
            var bytes = await response.Content.ReadAsByteArrayAsync();
            if (response.IsOverloaded())
                return null;
            Assert.True(response.IsSuccessStatusCode, Encoding.UTF8.GetString(bytes));
            var length = int.Parse(response.Headers.GetValues(HeaderLength).Single(), CultureInfo.InvariantCulture);
            using var header = JsonDocument.Parse(bytes.AsMemory(0, length));
            var output = header.RootElement.GetProperty("outputs")[0];
            return output.GetProperty("shape").EnumerateArray().Select(size => size.GetInt64()).SequenceEqual(shape)
                && bytes.AsSpan(length).SequenceEqual(answer);
        }

        private static SentRequest Make(InferenceSession session, string model, int items, int width, Random random)
        {
            var values = new float[items * width];
            for (var item = 0; item < items; item++)
            {
                var scale = random.Next(3) switch { 0 => 0.1f, 1 => 1, _ => 1000 };
                for (var i = 0; i < width; i++)
                    values[(item * width) + i] = scale * (float)random.NextDouble();
                // About half of the items contain one match. If all items of a run have one, the number of output rows is right even for
                // wrongly joined requests.
                if (random.Next(2) == 0)
                {
                    (values[item * width], values[(item * width) + 1], values[(item * width) + 2], values[(item * width) + 3]) =
                        (1, 0, 0, 0);
                }
            }

            using var input = OrtValue.CreateTensorValueFromMemory(values, [items, width]);
            using var options = new RunOptions();
            using var outputs = session.Run(options, ["x"], [input], ["y"]);
            var json =
                $"{{\"parameters\":{{\"binary_data_output\":true}},\"inputs\":[{{\"name\":\"x\",\"shape\":[{items},{width}],\"datatype\":\"FP32\","
                + $"\"parameters\":{{\"binary_data_size\":{values.Length * sizeof(float)}}}}}]}}";
            return new SentRequest(
                model,
                [.. Encoding.UTF8.GetBytes(json), .. MemoryMarshal.AsBytes(values.AsSpan())],
                json.Length,
                outputs[0].GetTensorTypeAndShape().Shape,
                MemoryMarshal.AsBytes(outputs[0].GetTensorDataAsSpan<float>()).ToArray());
        }
    }
}
