using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json;
using Inference.Testing;

namespace Functions.Tests.Models;

/// <summary>Tests models with external data, whose files change while the real executable serves them.</summary>
public sealed class ExternalDataTests : IDisposable
{
    private const string Old = "[[1,2,3,4]]";
    private const string Overwritten = "[[7,7,7,7]]";
    private const string New = "[[10,20,30,40]]";
    private const string Manifest = "find . -type f ! -name 'model.sha256*' -print0 | sort -z | xargs -0 sha256sum > model.sha256";
    private const string Predict = "/models/adding/predict";
    private const string Features = "{\"features\":[0,0,0,0]}";

    private readonly ModelFolder _folder = new();

    public ExternalDataTests() => TestModels.CopyTo("external", _folder.PathOf("adding", "1"));

    /// <summary>
    /// When the server mapped the files in the store, overwriting them caused wrong results, and truncating them ended the process.
    /// </summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Predict_WeightsAreOverwrittenAndTruncatedUnderLoad_AnswersAreOfTheOldFilesOrTheNew(bool hasManifest)
    {
        if (hasManifest)
            _folder.Shell("adding/1", Manifest);
        await using var process = await _folder.ServeAsync(("Models__ReloadInterval", "00:00:01"));
        Assert.Equal(Old, await PredictAsync(process));
        using var done = new CancellationTokenSource();
        var responses = new ConcurrentDictionary<string, int>();
        var clients = Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            while (!done.IsCancellationRequested)
                responses.AddOrUpdate(await PredictAsync(process), 1, (_, count) => count + 1);
        })).ToArray();

        await RewriteAsync(Overwritten, TimeSpan.FromMilliseconds(200));
        Truncate();
        await process.WaitForOutputAsync("Model adding/1 stays as it was");
        await RewriteAsync(New, TimeSpan.Zero);
        if (hasManifest)
            await RefusedAsync(process);
        else
            await UntilAsync(process, New);

        await done.CancelAsync();
        await Task.WhenAll(clients);
        // On a busy machine two checks in a row may find the overwritten weights. A server without a manifest must then serve them.
        Assert.Empty(responses.Keys.Except(hasManifest ? [Old] : [Old, Overwritten, New]));
        Assert.Equal(hasManifest ? Old : New, await PredictAsync(process));
    }

    [Fact]
    public async Task Load_ManyReloads_LeaveOneCopy()
    {
        await using var process = await _folder.ServeAsync(("Models__ReloadInterval", "0"));
        for (var reload = 1; reload <= 5; reload++)
        {
            await RewriteAsync($"[{reload},0,0,0]", TimeSpan.Zero);
            using var response = await process.PostAsync("/v2/repository/models/adding/load", "");
            Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
            Assert.Equal($"[[{reload},0,0,0]]", await PredictAsync(process));
        }

        await process.WaitUntilAsync(() => Task.FromResult(Directory.GetDirectories(_folder.CachePath("copies")).Length == 1));
        process.Terminate();
        await process.WaitForExitAsync();
        Assert.Empty(Directory.GetFileSystemEntries(_folder.CachePath("copies")));
    }

    [Fact]
    public async Task Load_ProcessWasKilled_TheNextOneRemovesItsCopies()
    {
        var killed = await _folder.ServeAsync();
        await PredictAsync(killed);
        await killed.DisposeAsync();
        Assert.Single(Directory.GetDirectories(_folder.CachePath("copies")));

        await using var process = await _folder.ServeAsync();
        await PredictAsync(process);

        Assert.Single(Directory.GetDirectories(_folder.CachePath("copies")));
    }

    [Fact]
    public async Task Predict_LocationIsAbsolute_IsRefused()
    {
        // The path has the length of the original file name, so that the lengths in the model's protobuf stay right.
        var outside = $"/tmp/{Guid.NewGuid():N}"[.."external.bin".Length];
        var model = await File.ReadAllBytesAsync(_folder.PathOf("adding", "1", "model.onnx"));
        Encoding.ASCII.GetBytes(outside).CopyTo(model, model.AsSpan().IndexOf("external.bin"u8));
        File.Copy(_folder.PathOf("adding", "1", "external.bin"), outside);
        try
        {
            _folder.Write(model, "adding", "1", "model.onnx");
            await using var process = await _folder.ServeAsync();

            using var response = await process.PostAsync(Predict, Features);

            var text = await response.Content.ReadAsStringAsync();
            Assert.True(response.StatusCode == HttpStatusCode.ServiceUnavailable, text);
            Assert.Contains("does not load", text, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(outside);
        }
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>Overwrites the weights in place, which operators should not do.</summary>
    private async Task RewriteAsync(string values, TimeSpan pause)
    {
        var floats = JsonSerializer.Deserialize<float[]>(values.Trim('[', ']').Insert(0, "[") + "]")!;
        await using var file =
            new FileStream(_folder.PathOf("adding", "1", "external.bin"), FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        file.SetLength(80);
        file.Position = 64;
        await file.WriteAsync(floats.SelectMany(BitConverter.GetBytes).ToArray());
        await file.FlushAsync();
        await Task.Delay(pause);
    }

    private void Truncate()
    {
        using var file =
            new FileStream(_folder.PathOf("adding", "1", "external.bin"), FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        file.SetLength(0);
    }

    private static async Task<string> PredictAsync(FunctionsProcess process) =>
        (await process.PostJsonAsync(Predict, Features)).GetProperty("predictions").ToString();

    private static Task RefusedAsync(FunctionsProcess process) =>
        process.WaitForOutputAsync("has the digest");

    private static Task UntilAsync(FunctionsProcess process, string expected) =>
        process.WaitUntilAsync(async () => await PredictAsync(process) == expected);
}
