namespace Inference.Models.Settings.Remote;

/// <summary>The protocol of the remote server that runs a model.</summary>
public enum RemoteKind
{
    /// <summary>
    /// Open Inference v2 over REST with the binary tensor data extension: Triton, KServe, or another instance of this server.
    /// </summary>
    OpenInference,

    /// <summary>Open Inference v2 over gRPC.</summary>
    OpenInferenceGrpc,

    /// <summary>TensorFlow Serving's REST interface, version 1.</summary>
    TensorFlowServing,

    /// <summary>A service with its own JSON format.</summary>
    Json,
}
