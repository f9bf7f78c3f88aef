namespace Architecture.Tests;

/// <summary>The rules for the structure of src and for the documents, which the tests of this project check.</summary>
internal static class Rules
{
    /// <summary>The path of this file, for messages.</summary>
    public const string File = "tests/Architecture.Tests/Rules.cs";

    /// <summary>The maximum number of source files that may use each other in a cycle.</summary>
    public const int MaxFilesInCycle = 5;

    /// <summary>The maximum number of parameters of a constructor. Records and attributes are exempt.</summary>
    public const int MaxConstructorParameters = 5;

    /// <summary>The maximum number of characters of a line.</summary>
    public const int MaxLineLength = 140;

    /// <summary>
    /// The maximum number of characters, including quotation marks, of a literal that counts as code. A line with a longer literal is data,
    /// and may have any length.
    /// </summary>
    public const int LongLiteral = 60;

    /// <summary>The maximum number of lines of a method, from its attributes to its closing brace.</summary>
    public const int MaxMethodLines = 40;

    /// <summary>The maximum number of lines of a file.</summary>
    public const int MaxFileLines = 300;

    /// <summary>The maximum number of files of code directly in a folder.</summary>
    public const int MaxFilesInFolder = 25;

    /// <summary>The maximum number of words of a sentence in a document.</summary>
    public const int MaxSentenceWords = 25;

    /// <summary>
    /// The projects that each project may reference. A project may also reference the projects that those projects may reference.
    /// </summary>
    public static readonly IReadOnlyDictionary<string, string[]> References = new Dictionary<string, string[]>
    {
        ["Functions"] =
        [
            "Functions.Worker", "Functions.Worker.Generators", "Inference.Azure", "Inference.Images", "Inference.Onnx",
            "Inference.Protocols", "Inference.Remote", "Inference.Repository",
        ],
        ["Cli"] = ["Inference.Azure", "Inference.Onnx", "Inference.Protocols", "Inference.Repository"],
        ["Inference.Azure"] = ["Inference.Repository", "StorageAccounts"],
        ["Inference.Remote"] = ["Inference.Protocols"],
        ["Inference.Images"] = ["Inference"],
        ["Inference.Onnx"] = ["Inference"],
        ["Inference.Protocols"] = ["Inference.Text"],
        ["Inference.Repository"] = ["Inference"],
        ["Inference"] = [],
        ["Inference.Text"] = ["Inference"],
        ["Functions.Worker"] = ["StorageAccounts"],
        ["Functions.Worker.Generators"] = [],
        ["StorageAccounts"] = [],
    };

    /// <summary>The project that consists of <see cref="Layers"/>, which is also the name of its root namespace.</summary>
    public const string LayeredProject = "Inference";

    /// <summary>
    /// The layers, lowest first. A layer is a type, or a namespace with the namespaces in it. The layer of the root namespace holds only
    /// the types directly in it. A type may use types of its own layer and of lower layers.
    /// </summary>
    public static readonly string[] Layers =
    [
        "Inference.InferenceError",
        "Inference.ErrorReason",
        "Inference.FailureCause",
        "Inference.InferenceException",
        "Inference.Quote",
        "Inference.Counted",
        "Inference.ByteOrderMark",
        "Inference.Tensors",
        "Inference.Diagnostics",
        "Inference.Models",
        "Inference.Crash",
        "Inference.Requests",
        "Inference.Compute",
        "Inference.Batching",
        "Inference.WarmUp",
        "Inference.Catalog",
        "Inference.Reload",
        "Inference.Shadow",
        "Inference", // Predictor, EngineStatus and every other type of the root namespace that no line above names
    ];

    /// <summary>Exceptions from the order of the layers: the upper layer may not use the lower one.</summary>
    public static readonly (string Upper, string Lower)[] Separate =
    [
        ("Inference.Diagnostics", "Inference.Tensors"),
        ("Inference.Batching", "Inference.Requests"),
        ("Inference.Shadow", "Inference.Reload"),
    ];
}
