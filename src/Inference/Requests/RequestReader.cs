using Inference.Models;

namespace Inference.Requests;

/// <summary>Reads a JSON body of a protocol for a model. The engine itself has no protocol.</summary>
/// <exception cref="InferenceException"><see cref="InferenceError.InvalidRequest"/>: the body is not a request for this model.</exception>
public delegate PredictionRequest RequestReader(ReadOnlyMemory<byte> body, Model model);
