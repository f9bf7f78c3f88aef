using System.Diagnostics;
using System.Globalization;
using System.Text;
using Inference.Testing;

namespace Functions.Tests;

/// <summary>A folder of models. Files are written elsewhere and then moved into the folder, as operators should do.</summary>
public sealed class ModelFolder : IDisposable
{
    private readonly TempFolder _folder = new();

    public string Path => _folder.Combine("models");

    public ModelFolder() => Directory.CreateDirectory(Path);

    public string PathOf(params string[] parts) => System.IO.Path.Combine([Path, .. parts]);

    /// <summary>Returns a path in the cache directory of the process that serves the folder.</summary>
    public string CachePath(string name) => _folder.Combine("cache", name);

    /// <summary>Writes a model that multiplies its four features by a factor.</summary>
    public void WriteScaling(string model, int version, float factor)
    {
        // The only constant of fixed_batch.onnx is 2.
        var bytes = File.ReadAllBytes(TestModels.Path("fixed_batch"));
        var offset = bytes.AsSpan().IndexOf(BitConverter.GetBytes(2f));
        BitConverter.TryWriteBytes(bytes.AsSpan(offset), factor);
        Write(bytes, model, $"{version}", "model.onnx");
    }

    public void Write(string content, params string[] parts) => Write(Encoding.UTF8.GetBytes(content), parts);

    public void Write(byte[] content, params string[] parts)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(PathOf(parts))!);
        File.WriteAllBytes(_folder.Combine("new"), content);
        File.Move(_folder.Combine("new"), PathOf(parts), overwrite: true);
    }

    /// <summary>Runs a shell command in a folder of the models.</summary>
    public void Shell(string folder, string command)
    {
        using var shell = Process.Start(
            new ProcessStartInfo("bash", ["-ec", command]) { WorkingDirectory = PathOf(folder), RedirectStandardError = true })!;
        var error = shell.StandardError.ReadToEnd();
        shell.WaitForExit();
        Assert.True(shell.ExitCode == 0, string.Create(CultureInfo.InvariantCulture, $"{shell.ExitCode}: {error}"));
    }

    public Task<FunctionsProcess> ServeAsync(params (string Name, string Value)[] settings) => FunctionsProcess.StartAsync(
        [("Models__Source", Path), ("Models__CacheDirectory", _folder.Combine("cache")), .. settings]);

    public void Dispose() => _folder.Dispose();
}
