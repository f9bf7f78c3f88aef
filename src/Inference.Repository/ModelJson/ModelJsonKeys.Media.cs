using Inference.Models.Settings;
using Inference.Models.Settings.Remote;
using Inference.Tensors;

namespace Inference.Repository.ModelJson;

/// <content>The keys for remote models, images and texts.</content>
internal static partial class ModelJsonKeys
{
    /// <summary>The minimum of factors: smaller than every useful factor, and far from the limits of a float.</summary>
    private const decimal MinFactor = 1e-9m;

    /// <summary>The maximum magnitude of factors and offsets: larger than every useful value, and far from the limits of a float.</summary>
    private const decimal MaxFactor = 1e9m;

    /// <summary>
    /// <c>keyHeader</c> requires <c>keySetting</c>. The kind <c>json</c> requires the key <c>json</c>, and has no <c>model</c> and no
    /// <c>version</c>. Other kinds have no <c>json</c>.
    /// </summary>
    private const string RemoteRules = """
        { "allOf": [
          { "anyOf": [{ "not": { "required": ["keyHeader"] } }, { "required": ["keySetting"] }] },
          { "oneOf": [
            { "properties": { "kind": { "const": "json" } }, "required": ["json"],
              "not": { "anyOf": [{ "required": ["model"] }, { "required": ["version"] }] } },
            { "properties": { "kind": { "not": { "const": "json" } } }, "not": { "required": ["json"] } } ] } ] }
        """;

    /// <summary>An array in <c>mean</c> or <c>std</c> has one number, or one for each channel.</summary>
    private const string ImageRules = """
        { "anyOf": [
          { "properties": { "mean": { "maxItems": 1 }, "std": { "maxItems": 1 } } },
          { "properties": { "channels": { "not": { "const": "GRAY" } },
            "mean": { "not": { "type": "array", "minItems": 2, "maxItems": 2 } },
            "std": { "not": { "type": "array", "minItems": 2, "maxItems": 2 } } } } ] }
        """;

    private static ObjectOf<RemoteSettings?> Remote => new(
        new RemoteSettings { Kind = default, Url = new Uri("http://localhost") }, rules: RemoteRules)
    {
        { "kind", Names(
                ("open-inference", RemoteKind.OpenInference), ("open-inference-grpc", RemoteKind.OpenInferenceGrpc),
                ("tensorflow-serving", RemoteKind.TensorFlowServing), ("json", RemoteKind.Json)),
            Key.Required, (old, value) => old! with { Kind = value }, "The protocol of the server." },
        { "url", Texts.Url, Key.Required, (old, value) => old! with { Url = value },
            "The root address of the server. For `json`, it is the address of the call. For gRPC, it has no path." },
        { "model", Texts.Name("a name of A-Z a-z 0-9 . _ -"), "the local name", (old, value) => old! with { Model = value },
            "The name of the model on that server. A `json` server has none." },
        { "version", Texts.Name("a version in quotes"), "that server's choice", (old, value) => old! with { Version = value },
            "The version of the model on that server. A `json` server has none." },
        { "headers", new MapOf<string>("an object of names and values", Texts.Header, Texts.HeaderValue, StringComparer.OrdinalIgnoreCase),
            "none", (old, value) => old! with { Headers = value }, "Headers of every call, in ASCII. Do not put secrets here." },
        { "keySetting", Texts.Name("the name of a setting"), "none", (old, value) => old! with { KeySetting = value },
            "The `NAME` in the server setting `Remote__Keys__NAME__Value`, which contains the key. The key is sent only to the server in "
            + "`Remote__Keys__NAME__Origin`." },
        { "keyHeader", Texts.Header, "Authorization, as a bearer token", (old, value) => old! with { KeyHeader = value },
            "The header that contains the unchanged key. Requires `keySetting`." },
        { "timeout", new Duration(RemoteSettings.MinTimeout, RemoteSettings.MaxTimeout), "`\"00:00:30\"`",
            (old, value) => old! with { Timeout = value }, "The time limit of one call, including retries." },
        { "concurrency", new Number<int>(1, RemoteSettings.MaxConcurrency), "`16`", (old, value) => old! with { Concurrency = value },
            "The maximum number of simultaneous calls. Further requests wait and may share calls." },
        { "maxResponseBytes", new Number<int>(1, RemoteSettings.MaxResponseBytesLimit), "`104857600`",
            (old, value) => old! with { MaxResponseBytes = value },
            "The maximum size of a response in bytes. A larger response is aborted." },
        { "json", JsonService(Tensors), "none",
            (old, value) => old! with { Json = value }, "The request and response bodies. Required for a `json` server." },
    };

    private static ObjectOf<JsonServiceSettings> JsonService(ArrayOf<JsonTensor> tensors) => new(
        new JsonServiceSettings { Inputs = [], Outputs = [] })
    {
        { "method", Names(("POST", "POST"), ("PUT", "PUT")), "`\"POST\"`", (old, value) => old with { Method = value },
            "The method of the call." },
        { "request", new AnyObject("a request body (an object)"), "`{}`", (old, value) => old with { Request = value.Raw },
            "The body of the call before the inputs are put into it." },
        { "inputs", tensors, Key.Required, (old, value) => old with { Inputs = value }, "The tensors in the request." },
        { "outputs", tensors, Key.Required, (old, value) => old with { Outputs = value },
            "The tensors in the response. Each tensor has the same keys as a tensor of `inputs`." },
    };

    private static ArrayOf<JsonTensor> Tensors =>
        new("an array of tensors with different names", JsonTensor) { Identity = tensor => ProblemText.Quote(tensor.Name) };

    private static ObjectOf<JsonTensor> JsonTensor => new(new JsonTensor("", default, new Shape(), ""))
    {
        { "name", Texts.Any("the name of a tensor"), Key.Required,
            (old, value) => old with { Name = value }, "The name of the tensor. Each name in the array is different." },
        { "datatype", Names([.. Enum.GetValues<ElementType>().Select(type => (type.Name(), type))]), Key.Required,
            (old, value) => old with { Type = value }, "The element type, with its name in the Open Inference Protocol." },
        { "shape", new ArrayOf<long>($"an array of at most {Shape.MaxRank} dimensions", Dimension, min: 0, Shape.MaxRank),
            Key.Required, (old, value) => old with { Shape = new Shape(value.AsSpan()) },
            "The dimensions, with -1 for a dynamic one. If the first dimension of every tensor is -1, its size is the number of items." },
        { "at", Texts.Pointer, Key.Required, (old, value) => old with { At = value },
            "The position of the elements, which are nested like the shape." },
    };

    private static OneOf<long> Dimension =>
        new(("-1", Shape.Dynamic)) { Or = new Number<long>(1, int.MaxValue, alternatives: "-1 for a dynamic dimension, or ") };

    private static OneOf<ModelTask?> Task => Names([.. ModelTaskNames.All.Select(task => (task.Name, (ModelTask?)task.Task))]);

    private static ObjectOf<ImageSettings?> Image => new(new ImageSettings { Height = 1, Width = 1 }, rules: ImageRules)
    {
        { "height", new Number<int>(1, ImageSettings.MaxSide), Key.Required, (old, value) => old! with { Height = value },
            "The height of the model's input in pixels." },
        { "width", new Number<int>(1, ImageSettings.MaxSide), Key.Required, (old, value) => old! with { Width = value },
            "The width of the model's input in pixels." },
        { "layout", Names(("NCHW", ImageLayout.Nchw), ("NHWC", ImageLayout.Nhwc)), "`\"NCHW\"`",
            (old, value) => old! with { Layout = value }, "The order of the tensor's dimensions: that of PyTorch or of TensorFlow." },
        { "channels", Names(("RGB", ImageChannels.Rgb), ("BGR", ImageChannels.Bgr), ("GRAY", ImageChannels.Gray)),
            "`\"RGB\"`", (old, value) => old! with { Channels = value },
            "The order of the channels. Gray is 0.299 R + 0.587 G + 0.114 B." },
        { "resize", Names(("stretch", ImageResize.Stretch), ("fit", ImageResize.Fit), ("crop", ImageResize.Crop)),
            "`\"stretch\"`", (old, value) => old! with { Resize = value },
            "For an image with another aspect ratio: `stretch` it, `fit` the whole image on a black background, or `crop` it to its "
            + "center." },
        { "shortestEdge", new Number<int>(1, ImageSettings.MaxSide), "none", (old, value) => old! with { ShortestEdge = value },
            "For `crop`: an image is scaled until its shorter side has this number of pixels, and its center is cut out in the "
            + "model's size." },
        { "resample", Names(("bilinear", ImageResample.Bilinear), ("bicubic", ImageResample.Bicubic)), "`\"bilinear\"`",
            (old, value) => old! with { Resample = value }, "The filter that resizes an image." },
        { "scale", new Number<float>(MinFactor, MaxFactor), "1/255", (old, value) => old! with { Scale = value },
            "A channel of a pixel, 0 to 255, becomes (value * scale - mean) / std." },
        { "mean", PerChannel(-MaxFactor), "`0`", (old, value) => old! with { Mean = value },
            "The number that is subtracted. An array is in the order of `channels`." },
        { "std", PerChannel(MinFactor), "`1`", (old, value) => old! with { Std = value },
            "The number to divide by. An array is in the order of `channels`." },
        { "scores", ScoreFunctions, "sigmoid for one label, softmax for several", (old, value) => old! with { Scores = value },
            "The function that converts outputs to scores. It needs the task `image-classification`." },
        { "applyOrientation", Boolean, "`true`", (old, value) => old! with { AppliesOrientation = value },
            "Rotates an image upright by its EXIF data. Write `false` for a model that was trained on images as they are stored." },
    };

    private static ObjectOf<TextSettings?> Text => new(new TextSettings())
    {
        { "tokenizer",
            Names(("huggingface", TokenizerKind.HuggingFace), ("wordpiece", TokenizerKind.WordPiece), ("bpe", TokenizerKind.Bpe)),
            "`\"huggingface\"`", (old, value) => old! with { Tokenizer = value },
            "huggingface reads tokenizer.json. Without that file, wordpiece is the tokenizer of BERT, and bpe that of GPT-2 and RoBERTa." },
        { "vocab", FileName, "tokenizer.json, vocab.txt for wordpiece, or vocab.json for bpe", (old, value) => old! with { Vocab = value },
            "The tokenizer.json, or the vocabulary: for `wordpiece` a token in each line, for `bpe` an object of tokens and their "
                + "numbers." },
        { "merges", FileName, "`\"merges.txt\"`", (old, value) => old! with { Merges = value }, "The merges of `bpe`." },
        { "maxTokens", new Number<int>(1, TextSettings.MaxTokensLimit), "`512`", (old, value) => old! with { MaxTokens = value },
            "The maximum number of tokens of one text, including special tokens. A longer text is refused, unless the request has "
            + "`truncate`." },
        { "lowercase", Boolean, "`false`", (old, value) => old! with { Lowercase = value },
            "For `wordpiece`: converts a text to lower case and removes its accents, for \"uncased\" models. For `huggingface`: converts a "
            + "text to lower case before the tokenizer reads it." },
        { "pooling", Names(
                ("mean", TextPooling.Mean), ("cls", TextPooling.Cls), ("last", TextPooling.Last), ("max", TextPooling.Max),
                ("none", TextPooling.None)),
            "`\"mean\"`", (old, value) => old! with { Pooling = value },
            "How an embedding is computed from the tokens' vectors without padding: their mean, the first one (`cls`), the last one, or "
            + "their maximum. For `none`, the model computes the embedding." },
        { "dense", new ArrayOf<string>("an array of at most 4 folders of dense layers", FileName, min: 0, max: 4), "none",
            (old, value) => old! with { Dense = value },
            "The dense layers after the pooling, each a folder with config.json and model.safetensors, as Sentence Transformers saves "
                + "them." },
        { "acceptTokens", Boolean, "`true`", (old, value) => old! with { AcceptTokens = value },
            "Whether requests for embeddings may contain token ids of the model's tokenizer instead of text. Ids of other tokenizers, such "
            + "as those that LangChain sends by default, produce wrong embeddings." },
        { "normalize", Boolean, "`false`", (old, value) => old! with { Normalize = value }, "Scales embeddings to unit vectors." },
        { "prompts",
            new MapOf<string>("an object of names and texts", Texts.Any("the name of a prompt"), Texts.Any("a prompt"),
                StringComparer.Ordinal), "none",
            (old, value) => old! with { Prompts = value },
            "Prompts by name. The prompt that a request names precedes each of its texts." },
        { "defaultPrompt", Texts.Any("the name of a prompt"), "none", (old, value) => old! with { DefaultPrompt = value },
            "The prompt of requests that do not name one." },
        { "scores", ScoreFunctions, "sigmoid for one label, softmax for several", (old, value) => old! with { Scores = value },
            "The function that converts outputs to scores. It needs a task of classification or ranking." },
    };

    private static OneOf<ScoreFunction> ScoreFunctions =>
        Names(("softmax", ScoreFunction.Softmax), ("sigmoid", ScoreFunction.Sigmoid), ("none", ScoreFunction.None));

    private static Text<string> FileName =>
        Texts.Name("the name of a file beside the model file (A-Z a-z 0-9 . _ -, a letter or digit first)");

    private static NumberOrArray PerChannel(decimal min) =>
        new("a number for all channels, or an array with one for each channel", new Number<float>(min, MaxFactor), max: 3);
}
