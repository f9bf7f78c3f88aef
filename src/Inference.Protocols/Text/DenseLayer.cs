using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Inference.Models.Settings;
using Inference.Tensors;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Inference.Protocols.Text;

/// <summary>A dense layer of Sentence Transformers, which follows the pooling: a matrix, a bias and an activation.</summary>
internal sealed class DenseLayer
{
    private const string ConfigFile = "config.json";
    private const string WeightsFile = "model.safetensors";

    private readonly float[] _weight;
    private readonly float[] _bias;

    /// <summary>The activation; null for the identity.</summary>
    private readonly Action<Span<float>>? _activate;

    private DenseLayer(float[] weight, float[] bias, Action<Span<float>>? activate) =>
        (_weight, _bias, _activate) = (weight, bias, activate);

    private int OutputSize => _bias.Length;

    private int InputSize => _weight.Length / _bias.Length;

    /// <summary>Reads the layers that the settings specify.</summary>
    /// <param name="folder">The folder of the model's version.</param>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="InvalidDataException">A file cannot be used.</exception>
    public static ImmutableArray<DenseLayer> Load(string folder, TextSettings settings)
    {
        var layers = settings.Dense.Select(name => Load(folder, name)).ToImmutableArray();
        for (var index = 1; index < layers.Length; index++)
        {
            if (layers[index].InputSize != layers[index - 1].OutputSize)
            {
                throw new InvalidDataException(
                    $"\"{settings.Dense[index]}\" takes {layers[index].InputSize} numbers, but \"{settings.Dense[index - 1]}\" before it "
                    + $"returns {layers[index - 1].OutputSize}.");
            }
        }

        return layers;
    }

    /// <summary>Applies the layers to embeddings.</summary>
    /// <returns>The resulting embeddings. If there are layers, <paramref name="vectors"/> is disposed.</returns>
    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.RuntimeFailure"/>: the size of the embeddings does not match the first layer.
    /// </exception>
    public static Tensor Apply(ImmutableArray<DenseLayer> layers, Tensor vectors)
    {
        foreach (var layer in layers)
        {
            using var before = vectors;
            vectors = layer.Apply(before);
        }

        return vectors;
    }

    private Tensor Apply(Tensor vectors)
    {
        if (vectors.Shape[1] != InputSize)
        {
            throw new InferenceException(
                InferenceError.RuntimeFailure,
                $"The model's embeddings have {Counted.Text(vectors.Shape[1], "number")}, but its dense layer takes {InputSize}. Correct "
                + "\"text.dense\" in "
                + $"its {ModelSettings.FileName}.");
        }

        var results = Tensor.Rent(ElementType.Float32, new Shape(vectors.Shape[0], OutputSize));
        for (var row = 0; row < vectors.Shape[0]; row++)
        {
            var vector = vectors.Values<float>().Slice(row * InputSize, InputSize);
            var result = results.Values<float>().Slice(row * OutputSize, OutputSize);
            for (var output = 0; output < OutputSize; output++)
                result[output] = _bias[output] + TensorPrimitives.Dot(_weight.AsSpan(output * InputSize, InputSize), vector);
            _activate?.Invoke(result);
        }

        return results;
    }

    private static DenseLayer Load(string folder, string name)
    {
        var layer = Path.Combine(folder, name);
        var config = Path.Combine(layer, ConfigFile);
        using var document = ModelFolderJson.Read(config, $"{name}/{ConfigFile}");
        var activation = document.RootElement.TryGetProperty("activation_function", out var function) ? function.ToString() : "";
        var weights = Path.Combine(layer, WeightsFile);
        if (!File.Exists(weights))
        {
            var hint = File.Exists(Path.Combine(layer, "pytorch_model.bin")) ? ", but pytorch_model.bin, which is not read" : "";
            throw new InvalidDataException(
                $"\"{name}\" has no {WeightsFile}{hint}. "
                + "Load the model in sentence-transformers and save it again: it writes safetensors.");
        }

        var tensors = SafeTensors.Read(weights, $"{name}/{WeightsFile}");
        var (weight, shape) = tensors.GetValueOrDefault("linear.weight");
        if (weight is null || shape is not [> 0 and var outputs, > 0])
            throw new InvalidDataException($"{name}/{WeightsFile} has no \"linear.weight\" with two dimensions.");
        ThrowIfSizeDiffers(document.RootElement, "in_features", shape[1], name);
        ThrowIfSizeDiffers(document.RootElement, "out_features", outputs, name);
        var hasBias = !document.RootElement.TryGetProperty("bias", out var flag) || flag.ValueKind != JsonValueKind.False;
        var bias = (hasBias ? tensors.GetValueOrDefault("linear.bias").Values : null) ?? new float[outputs];
        if (bias.Length != outputs)
        {
            throw new InvalidDataException(
                $"{name}/{WeightsFile}: \"linear.bias\" has {Counted.Text(bias.Length, "number")}, but \"linear.weight\" has {outputs} rows.");
        }

        return new DenseLayer(weight, bias, ParseActivation(activation, name));
    }

    private static void ThrowIfSizeDiffers(JsonElement config, string key, int size, string layer)
    {
        if (config.TryGetProperty(key, out var value) && value.ToString() != size.ToString(CultureInfo.InvariantCulture))
        {
            throw new InvalidDataException(
                $"{layer}/{ConfigFile}: \"{key}\" is {Quote.Shorten(value.ToString())}, but \"linear.weight\" has {size}.");
        }
    }

    /// <summary>
    /// Returns the activation for the name of a PyTorch class, which Sentence Transformers stores; null for the identity.
    /// </summary>
    private static Action<Span<float>>? ParseActivation(string name, string layer) => name[(name.LastIndexOf('.') + 1)..] switch
    {
        "Identity" => null,
        "" or "Tanh" => static values => TensorPrimitives.Tanh(values, values),
        "ReLU" => static values => TensorPrimitives.Max(values, 0f, values),
        "Sigmoid" => static values => TensorPrimitives.Sigmoid(values, values),
        var other => throw new InvalidDataException(
            $"{layer}/{ConfigFile}: \"activation_function\" is {ProblemText.Quote(other)}; known are Identity, ReLU, Sigmoid and Tanh."),
    };
}
