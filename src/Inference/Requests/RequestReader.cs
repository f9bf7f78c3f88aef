using Inference.Models;

namespace Inference.Requests;

/// <summary>
/// Reads a JSON body as a request for a model. The caller of the engine chooses the protocol, because the engine itself has none.
/// </summary>
/// <exception cref="InferenceException"><see cref="InferenceError.InvalidRequest"/>: the body is not a request for this model.</exception>
public delegate PredictionRequest RequestReader(ReadOnlyMemory<byte> body, Model model);
