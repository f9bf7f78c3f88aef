using System.Text;
using Inference.Models;
using Inference.Models.Settings;
using Inference.Repository.HuggingFace;
using Inference.Tensors;
using Inference.Testing;

namespace Inference.Repository.Tests.HuggingFace;

/// <summary>A Hugging Face folder that a test writes, and the settings that the server derives from it.</summary>
internal sealed class HubFolder : IDisposable
{
    private readonly TempFolder _folder = new();

    /// <summary>The folder of the version. Tests may write beside it.</summary>
    public string Path => _folder.Combine("model");

    public static TensorSpec Spec(string name, ElementType type, params long[] shape) =>
        new(name, type, new Shape(shape), [.. shape.Select(_ => "")]);

    /// <param name="json">The content of model.json; null for none.</param>
    public static ModelConfiguration Configuration(string? json) => ModelConfigurationReader.Parse(
        ModelName.Parse("m"), json is null ? [] : [new SettingsFile("model.json", Encoding.UTF8.GetBytes(json))]);

    public ModelConfiguration Complete(ModelSignature signature, string? json = null) =>
        HuggingFaceFolder.Complete(Configuration(json), Path, signature);

    public void Write(params (string Name, string Content)[] files)
    {
        foreach (var (name, content) in files)
        {
            var path = System.IO.Path.Combine(Path, name);
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
            File.WriteAllText(path, content);
        }
    }

    public void Dispose() => _folder.Dispose();
}
