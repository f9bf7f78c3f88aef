using System.Collections.Immutable;
using Inference.Models;
using Inference.Models.Settings;
using Inference.Models.Settings.Remote;
using Inference.Tensors;

namespace Inference.Repository.Triton;

/// <summary>Reads the declared inputs and outputs.</summary>
internal static class TritonTensors
{
    private const int MaxRank = 64;

    /// <summary>The values of Triton's enum DataType, by number.</summary>
    private static readonly string[] Types =
    [
        "TYPE_INVALID", "TYPE_BOOL", "TYPE_UINT8", "TYPE_UINT16", "TYPE_UINT32", "TYPE_UINT64", "TYPE_INT8", "TYPE_INT16",
        "TYPE_INT32", "TYPE_INT64", "TYPE_FP16", "TYPE_FP32", "TYPE_FP64", "TYPE_STRING", "TYPE_BF16",
    ];

    /// <summary>The values of Triton's enum Format, by number.</summary>
    private static readonly string[] Formats = ["FORMAT_NONE", "FORMAT_NHWC", "FORMAT_NCHW"];

    public static ImmutableArray<DeclaredTensor> Read(TritonFields config, string field)
    {
        var tensors = ImmutableArray.CreateBuilder<DeclaredTensor>();
        var names = new HashSet<string>();
        var tensorFields = config.GetFields(field).Where(value => value.Kind == TextKind.Message);
        foreach (var (tensor, tensorField) in config.GetMessages(field).Zip(tensorFields))
        {
            var name = tensor.GetString("name") ?? "";
            if (name.Length == 0)
                tensor.AddProblem(tensorField with { Name = "name" }, "A tensor needs its name.");
            else if (!names.Add(name))
                tensor.AddProblem(tensor.GetField("name")!, $"{ProblemText.Quote(name)} is given twice.");
            var (dims, callerDims) = ReadDims(tensor);
            tensors.Add(new DeclaredTensor(name, ReadType(tensor), dims)
            {
                CallerDims = callerDims,
                LabelFile = field == "output" ? ReadLabelFile(tensor) : null,
                Line = tensorField.Line,
                Column = tensorField.Column,
            });
            WarnAboutUnusedFields(tensor);
        }

        return tensors.ToImmutable();
    }

    private static ElementType? ReadType(TritonFields tensor) => tensor.GetEnum("data_type", Types) switch
    {
        null or 0 => null,
        { } index when Types[index] == "TYPE_STRING" => ElementType.Bytes,
        { } index => ElementTypes.TryParse(Types[index].AsSpan("TYPE_".Length), out var type) ? type : null,
    };

    /// <returns>
    /// Dims: the dimensions of the model; null if the file does not declare them. CallerDims: the dimensions of requests; null if they are
    /// the dimensions of the model.
    /// </returns>
    private static (ImmutableArray<long>? Dims, ImmutableArray<long>? CallerDims) ReadDims(TritonFields tensor)
    {
        var dims = ReadDimensions(tensor, "dims");
        if (tensor.GetMessage("reshape") is not { } reshape)
            return (dims.IsEmpty ? null : dims, null);

        var reshaped = ReadDimensions(reshape, "shape");
        reshape.WarnAboutUnreadFields();
        if (TensorReshape.IsPossible(dims.AsSpan(), reshaped.AsSpan()))
            return (reshaped, dims.SequenceEqual(reshaped) ? null : dims);
        if (new Shape(dims.AsSpan()).TryCount(out var dimsCount) && new Shape(reshaped.AsSpan()).TryCount(out var shapeCount))
        {
            tensor.AddProblem(
                tensor.GetField("reshape")!,
                $"dims have {Counted.Text(dimsCount, "element")}, but the reshape has {shapeCount}. Both must have the same number.");
        }
        else
        {
            tensor.AddProblem(tensor.GetField("reshape")!,
                $"dims {new Shape(dims.AsSpan())} cannot be reshaped to {new Shape(reshaped.AsSpan())}: both must have the same "
                + "number of -1, with the same number of elements between them.");
        }

        return (reshaped, null);
    }

    private static string? ReadLabelFile(TritonFields tensor)
    {
        const string Field = "label_filename";
        if (tensor.GetString(Field) is not { Length: > 0 } file)
            return null;
        if (SafeName.IsValid(file))
            return file;
        tensor.AddProblem(
            tensor.GetField(Field)!, $"{ProblemText.Quote(file)} is given; the name of a file in the model's folder is expected, without a folder.");
        return null;
    }

    private static ImmutableArray<long> ReadDimensions(TritonFields message, string name)
    {
        var dims = message.GetIntegers(name, -1, long.MaxValue).ToImmutableArray();
        if (dims.Contains(0))
            message.AddProblem(message.GetFields(name)[0], "A dimension is 0; a size from 1, or -1 for a dynamic dimension, is expected.");
        if (dims.Length > MaxRank)
            message.AddProblem(message.GetFields(name)[0], $"There are {dims.Length} dimensions; at most {MaxRank} are possible.");
        return dims;
    }

    /// <summary>Warns about unused fields. A field that declares the default behavior needs no warning.</summary>
    private static void WarnAboutUnusedFields(TritonFields tensor)
    {
        if (tensor.GetEnum("format", Formats) > 0)
            Warn("format");
        foreach (var flag in (string[])["optional", "is_shape_tensor", "allow_ragged_batch", "is_non_linear_format_io"])
        {
            if (tensor.GetBoolean(flag) is true)
                Warn(flag);
        }

        tensor.WarnAboutUnreadFields(TritonIgnored.Tensor);

        void Warn(string field) => tensor.AddWarning(tensor.GetField(field)!, $"Ignored: {TritonIgnored.Tensor[field]}");
    }
}
