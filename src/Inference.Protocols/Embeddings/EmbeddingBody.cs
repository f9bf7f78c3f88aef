using System.Buffers;
using System.Text.Json;
using Inference.Models;
using Inference.Models.Settings;
using Inference.Protocols.Json;
using Inference.Protocols.Text;
using Inference.Requests;

namespace Inference.Protocols.Embeddings;

/// <summary>
/// The body of OpenAI's embeddings call: <c>{"model","input","encoding_format"?,"dimensions"?}</c>. The input is a text, an array of texts,
/// an array of tokens, or an array of such arrays (https://platform.openai.com/docs/api-reference/embeddings). Other keys are ignored,
/// because clients also send keys that only OpenAI's own service uses.
/// </summary>
public sealed class EmbeddingBody : TextCall
{
    private const string ModelName = "model", Input = "input", EncodingFormat = "encoding_format", Dimensions = "dimensions";

    private static readonly string[] Members = [ModelName, Input, EncodingFormat, Dimensions];

    /// <summary>Reads a body, which must not change until the response is written.</summary>
    /// <exception cref="InferenceException"><see cref="InferenceError.InvalidRequest"/>: the body is not valid for this call.</exception>
    public EmbeddingBody(ReadOnlyMemory<byte> json)
        : base(json) => JsonMembers.ReadBody(json, Members, requiredCount: 2, ReadMember);

    internal bool IsBase64 { get; private set; }

    internal override TextBatch Texts { get; } = new(Input);

    private protected override string ResultName => "embeddings";

    public override void Write(IBufferWriter<byte> output, Prediction prediction) => EmbeddingWriter.Write(output, prediction, this);

    private protected override bool IsSupportedBy(ModelTask task, Model model) => task == ModelTask.FeatureExtraction;

    private void ReadMember(ref Utf8JsonReader reader, string name)
    {
        switch (name)
        {
            case ModelName:
                Model = JsonText.ReadString(ref reader, name);
                break;
            case Input:
                TextInput.Read(ref reader, Json, Input, Texts);
                break;
            case EncodingFormat:
                IsBase64 = ReadFormat(ref reader);
                break;
            default:
                Texts.Options = Texts.Options with { Dimensions = JsonMembers.ReadNumber(ref reader, name, 1) };
                break;
        }
    }

    private static bool ReadFormat(ref Utf8JsonReader reader) => JsonText.ReadString(ref reader, EncodingFormat) switch
    {
        "float" => false,
        "base64" => true,
        var other =>
            throw InferenceException.InvalidRequest($"{EncodingFormat} is \"{Quote.Shorten(other)}\"; \"float\" or \"base64\" is expected."),
    };
}
