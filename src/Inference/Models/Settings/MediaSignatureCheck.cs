using Inference.Tensors;

namespace Inference.Models.Settings;

/// <summary>Compares the settings in <c>model.json</c> about images and texts with the loaded model.</summary>
internal static class MediaSignatureCheck
{
    /// <summary>Advice for a model that cannot take images. The settings may come from <c>model.json</c> or from other files.</summary>
    private const string ImageAdvice = "Use this model without image settings.";

    /// <summary>The inputs of a model that takes tokens. The first input is required.</summary>
    private static readonly string[] TokenInputs = [TokenInput.Ids, TokenInput.Mask, TokenInput.Types];

    public static IEnumerable<FileProblem> FindProblems(ModelSettings settings, ModelSignature signature)
    {
        if (settings.Image is { } image && FindImageProblem(image, signature) is { } imageProblem)
            yield return CreateProblem("$.image", imageProblem);
        if (settings.Text is not null && FindTextProblem(signature) is { } textProblem)
            yield return CreateProblem("$.text", textProblem);
    }

    /// <summary>Returns the problem if the model lacks the output that its task needs.</summary>
    /// <param name="settings">The settings, completed from the model's folder.</param>
    public static IEnumerable<FileProblem> FindTaskProblems(ModelSettings settings, ModelSignature signature)
    {
        if (settings.Task is not { } task)
            yield break;
        // Token vectors and scores of tokens have one dimension more than embeddings and scores of texts.
        var rank = task switch
        {
            ModelTask.TokenClassification or ModelTask.FillMask => 3,
            ModelTask.FeatureExtraction when settings.Text?.Pooling != TextPooling.None => 3,
            _ => 2,
        };
        if (!signature.Outputs.Any(output => output.AcceptsAnyShape || (output.Type == ElementType.Float32 && output.Shape.Rank == rank)))
        {
            yield return CreateProblem(
                "$.task", $"The task \"{ModelTaskNames.GetName(task)}\" needs an FP32 output of rank {rank}, which the model does not have.");
        }
    }

    private static string? FindImageProblem(ImageSettings image, ModelSignature signature)
    {
        if (signature.Inputs is not [var input])
            return $"Images need a model with exactly one input; this model has {signature.Inputs.Length}. {ImageAdvice}";
        if (input.Type is not (ElementType.Float32 or ElementType.Float16 or ElementType.UInt8))
            return $"Input \"{input.Name}\" has type {input.Type.Name()}, but an image becomes FP32, FP16 or UINT8. {ImageAdvice}";
        if (image.ShortestEdge is { } edge && (image.Resize != ImageResize.Crop || edge < Math.Max(image.Width, image.Height)))
        {
            return $"\"shortestEdge\" is {edge}: it requires \"resize\": \"crop\", and must be at least the height and the width of "
                + "the input.";
        }

        long[] sizes = image.Layout == ImageLayout.Nchw
            ? [1, image.ChannelCount, image.Height, image.Width]
            : [1, image.Height, image.Width, image.ChannelCount];
        var fits = input.Shape.Rank is 3 or 4;
        for (var axis = 1; fits && axis <= input.Shape.Rank; axis++)
            fits = input.Shape.Dimensions[^axis] is Shape.Dynamic || input.Shape.Dimensions[^axis] == sizes[^axis];
        return fits ? null : $"Images become tensors of shape {new Shape(sizes)}, but input \"{input.Name}\" takes {input.Shape}.";
    }

    private static string? FindTextProblem(ModelSignature signature)
    {
        if (signature.IndexOfInput(TokenInput.Ids) < 0)
            return $"The model has no input \"{TokenInput.Ids}\".";
        foreach (var input in signature.Inputs)
        {
            if (!TokenInputs.Contains(input.Name) || input.Shape.Rank != 2 || input.Type is not (ElementType.Int64 or ElementType.Int32))
            {
                return $"Input \"{input.Name}\" {input.Shape} of {input.Type.Name()} is not a text input. Text inputs "
                    + $"are {string.Join(", ", TokenInputs)}, with rank 2 and type INT64 or INT32.";
            }
        }

        return null;
    }

    private static FileProblem CreateProblem(string path, string message) => new(ModelSettings.FileName, 0, 0, path, message);
}
