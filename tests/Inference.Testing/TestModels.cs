using Inference.Models;

namespace Inference.Testing;

/// <summary>The tiny models that Models/make_tiny.py and models/recipes/texts.py write.</summary>
public static class TestModels
{
    private static readonly string Folder = System.IO.Path.Combine(AppContext.BaseDirectory, "Models");

    public static string Path(string name) => System.IO.Path.Combine(Folder, name + ".onnx");

    public static ModelFiles Files(string name) => new(Path(name), LabelsPath: null);

    public static ModelId Id(string name, long version = 1) => new(ModelName.Parse(name), version);

    /// <summary>Copies a model and its external data, if any, into a folder, under the names that a store expects.</summary>
    public static void CopyTo(string name, string folder)
    {
        Directory.CreateDirectory(folder);
        File.Copy(Path(name), System.IO.Path.Combine(folder, ModelVersion.ModelFileName));
        if (name == "external")
            File.Copy(System.IO.Path.Combine(Folder, "external.bin"), System.IO.Path.Combine(folder, "external.bin"));
    }

    /// <summary>Copies a Hugging Face folder that models/recipes/texts.py trained.</summary>
    public static void CopyFolderTo(string name, string folder)
    {
        var source = System.IO.Path.Combine(Folder, name);
        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            var target = System.IO.Path.Combine(folder, System.IO.Path.GetRelativePath(source, file));
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }
}
