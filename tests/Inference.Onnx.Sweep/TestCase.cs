namespace Inference.Onnx.Sweep;

/// <summary>A model and one set of inputs for it, in the layout of ONNX's own test data.</summary>
/// <param name="Name">The path of the model's folder from the root, with dots between the parts.</param>
/// <param name="InputFolder">The folder of the inputs.</param>
public sealed record TestCase(string Name, string ModelPath, string InputFolder)
{
    /// <summary>Finds folders of <c>model.onnx</c> and <c>test_data_set_N/input_M.pb</c>, at any depth.</summary>
    public static IReadOnlyList<TestCase> Find(string root) =>
    [
        .. from model in Directory.EnumerateFiles(root, "*.onnx", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
        let folder = Path.GetDirectoryName(model)!
        from set in Directory.EnumerateDirectories(folder, "test_data_set_*").Order(StringComparer.Ordinal)
        select new TestCase(Path.GetRelativePath(root, folder).Replace(Path.DirectorySeparatorChar, '.'), model, set),
    ];

    /// <returns>The inputs in the model's order; null when an input is not a tensor of a supported type.</returns>
    public TestTensor[]? ReadInputs()
    {
        var inputs = new List<TestTensor>();
        for (var i = 0; File.Exists(Path.Combine(InputFolder, $"input_{i}.pb")); i++)
        {
            try
            {
                if (TestTensor.Parse(ProtoMessage.Parse(File.ReadAllBytes(Path.Combine(InputFolder, $"input_{i}.pb")))) is not { } tensor
                    || (tensor.ElementSize > 0 && tensor.Data.Length != tensor.Count * tensor.ElementSize))
                {
                    return null;
                }

                inputs.Add(tensor);
            }
            catch (Exception e) when (e is InvalidDataException or ArgumentOutOfRangeException or OverflowException)
            {
                // The input is a sequence or an optional.
                return null;
            }
        }

        return [.. inputs];
    }
}
