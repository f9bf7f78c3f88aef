using System.Globalization;
using Inference.Models;
using Inference.Models.Settings;
using Inference.Requests;
using Inference.Tensors;

namespace Inference.Protocols.Text;

/// <summary>The tokens of the texts of one request: they are padded to one length, and what is padding is known afterwards.</summary>
internal sealed class TextBatch(TextTokenizer tokenizer)
{
    /// <summary>Of all texts, with their padding: one long text among many short ones makes a tensor far larger than the request.</summary>
    private const long MaxPaddedTokens = 4 * 1024 * 1024;

    private readonly List<IReadOnlyList<int>> _texts = [];

    public int Count => _texts.Count;

    /// <summary>Tokens of the text of this row, without padding.</summary>
    public int LengthOf(int row) => _texts[row].Count;

    public int TokenCount => _texts.Sum(text => text.Count);

    public void Add(string text, string path) => _texts.Add(tokenizer.Encode(text, path));

    public void Add(IReadOnlyList<int> tokens, string path)
    {
        tokenizer.Check(tokens.Count, path);
        _texts.Add(tokens);
    }

    /// <summary>Adds the inputs that the texts make.</summary>
    /// <param name="path">Where the texts stand in the request.</param>
    public void AddTo(PredictionRequest request, ModelSignature signature, string path)
    {
        if (_texts.Count == 0)
            throw InferenceException.InvalidRequest($"{path} has no texts.");
        foreach (var input in signature.Inputs)
            request.Inputs.Add(new RequestInput(input.Name, Create(input, path), path));
        if (IsPaddingContent(signature))
            request.RowLengths = [.. _texts.Select(text => text.Count)];
    }

    public static string PathOf(string path, int index) => string.Create(CultureInfo.InvariantCulture, $"{path}[{index}]");

    /// <summary>Whether some text is padded to the length of another, and the model has no input that tells so.</summary>
    private bool IsPaddingContent(ModelSignature signature) =>
        signature.IndexOfInput(TokenInput.Mask) < 0
        && signature.Inputs.All(input => input.Shape[1] == Shape.Dynamic)
        && _texts.Exists(text => text.Count != _texts[0].Count);

    private Tensor Create(TensorSpec input, string path)
    {
        var longest = _texts.Max(text => text.Count);
        var length = input.Shape[1] == Shape.Dynamic ? longest : input.Shape[1];
        if (length < longest)
            throw InferenceException.InvalidRequest($"{path} has a text of {longest} tokens; the model takes {length}. Send it in parts.");
        if (_texts.Count * length > MaxPaddedTokens)
            throw InferenceException.InvalidRequest($"{path} has {_texts.Count} texts, padded to {length} tokens each; {MaxPaddedTokens} tokens are the most of one request. Send them in parts.");
        var tensor = Tensor.Rent(input.Type, new Shape(_texts.Count, length));
        for (var row = 0; row < _texts.Count; row++)
        {
            for (var column = 0; column < length; column++)
                Set(tensor, (int)((row * length) + column), Value(input.Name, _texts[row], column));
        }

        return tensor;
    }

    private int Value(string input, IReadOnlyList<int> text, int column) => input switch
    {
        TokenInput.Ids => column < text.Count ? text[column] : tokenizer.Padding,
        TokenInput.Mask => column < text.Count ? 1 : 0,
        _ => 0,
    };

    private static void Set(Tensor tensor, int index, int value)
    {
        if (tensor.Type == ElementType.Int64)
            tensor.Values<long>()[index] = value;
        else
            tensor.Values<int>()[index] = value;
    }
}
