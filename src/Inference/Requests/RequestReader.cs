using Inference.Models;

namespace Inference.Requests;

/// <summary>Reads a JSON body of a protocol for a model; the engine itself knows none.</summary>
/// <exception cref="InferenceException"><see cref="InferenceError.InvalidRequest"/>: it is no request of this model.</exception>
public delegate PredictionRequest RequestReader(ReadOnlyMemory<byte> body, Model model);
