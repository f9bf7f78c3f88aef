using System.Globalization;
using Inference.Protocols;
using Inference.Protocols.OpenInference;
using Inference.Requests;
using Microsoft.AspNetCore.Http;

namespace Functions.Predictions;

/// <summary>
/// The response to an infer call with binary outputs: JSON, followed by the tensors directly from their memory. The JSON is written to
/// memory before the status is sent, so that afterwards only the connection can fail.
/// </summary>
internal sealed class InferResult : IResult
{
    private const int InitialCapacity = 1024;

    private readonly Prediction _prediction;
    private readonly OutputForms _forms;
    private readonly PooledBuffer _json;

    private InferResult(Prediction prediction, OutputForms forms, PooledBuffer json) =>
        (_prediction, _forms, _json) = (prediction, forms, json);

    /// <summary>Creates the result, which takes ownership of the prediction.</summary>
    public static IResult Create(Prediction prediction, OutputForms forms)
    {
        foreach (var output in prediction.Outputs)
        {
            if (forms.IsBinary(output.Name))
                return CreateBinary(prediction, forms);
        }

        using (prediction)
            return BodyResult.Create(prediction, static (buffer, prediction) => OpenInferenceWriter.WritePrediction(buffer, prediction));
    }

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        using (_prediction)
        using (_json)
        {
            var response = httpContext.Response;
            response.ContentType = "application/octet-stream";
            response.Headers[InferRequest.LengthHeader] = _json.Written.Length.ToString(CultureInfo.InvariantCulture);
            var length = _json.Written.Length
                + _prediction.Outputs.Where(output => _forms.IsBinary(output.Name)).Sum(output => (long)output.Tensor.Data.Length);
            await using var compressed = ResponseCompression.Open(httpContext, length);
            var body = compressed ?? response.Body;
            await body.WriteSlicedAsync(_json.Written, httpContext).ConfigureAwait(false);
            foreach (var output in _prediction.Outputs)
            {
                if (_forms.IsBinary(output.Name))
                    await body.WriteSlicedAsync(output.Tensor.Data, httpContext).ConfigureAwait(false);
            }
        }
    }

    private static InferResult CreateBinary(Prediction prediction, OutputForms forms)
    {
        PooledBuffer? json = null;
        try
        {
            json = new PooledBuffer(InitialCapacity);
            OpenInferenceWriter.WritePrediction(json, prediction, forms);
            return new InferResult(prediction, forms, json);
        }
        catch
        {
            json?.Dispose();
            prediction.Dispose();
            throw;
        }
    }
}
