using System.Text;
using Inference.Models;
using Inference.Models.Settings;
using Inference.Protocols.Predict;
using Inference.Requests;
using Inference.Tensors;

namespace Inference.Protocols.Tests;

/// <summary>A model that accepts text. Its vocabulary has seven tokens, of which the last two are words.</summary>
internal static class TextModel
{
    private static readonly Lazy<Model> Loaded = new(Load);

    public static Model Instance => Loaded.Value;

    /// <summary>Returns the request of a predict body, with all of its inputs.</summary>
    public static PredictionRequest Read(string body) =>
        Complete(PredictReader.Read(new PredictBody(Encoding.UTF8.GetBytes(body)), Instance));

    public static PredictionRequest Complete(PredictionRequest request)
    {
        try
        {
            request.CompleteInputs(CancellationToken.None);
            return request;
        }
        catch
        {
            request.Dispose();
            throw;
        }
    }

    private static Model Load()
    {
        // The folder must exist until the process ends, because the first text of any test loads the vocabulary.
        var folder = Directory.CreateTempSubdirectory("inference-test-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        File.WriteAllText(Path.Combine(folder, "vocab.txt"), "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nhello\nworld\n");
        return Signatures.Model(
            new ModelSignature([Tokens("input_ids"), Tokens("attention_mask")],
                [new TensorSpec("y", ElementType.Float32, new Shape(-1, -1, 3), ["n", "t", ""])])) with
        {
            Text = new TextSettings
            {
                Tokenizer = TokenizerKind.WordPiece,
                Vocab = "vocab.txt",
                Merges = "",
                MaxTokens = 16,
                Lowercase = true
            },
            Folder = folder,
        };
    }

    private static TensorSpec Tokens(string name) => new(name, ElementType.Int64, new Shape(-1, -1), ["n", "t"]);
}
