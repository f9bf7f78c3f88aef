// A plain ASP.NET Core service around ONNX Runtime, written straight from the packages' own documentation: the peer of the start-up
// benchmark. Like the app it is compared with, it loads the model on the first request.
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

var builder = WebApplication.CreateBuilder(args);
var models = builder.Configuration["Models:Source"] ?? "models";
builder.Services.AddSingleton(_ => new InferenceSession(Path.Combine(models, "digits", "1", "model.onnx")));

var app = builder.Build();
app.MapPost("/models/digits/predict", (PredictRequest request, InferenceSession session) =>
{
    var input = session.InputMetadata.Keys.First();
    var tensor = new DenseTensor<float>(request.Features, [1, request.Features.Length]);
    using var results = session.Run([NamedOnnxValue.CreateFromTensor(input, tensor)]);
    var output = results.First(result => result.Value is Tensor<float>);
    return new PredictResponse("digits", 1, [output.AsEnumerable<float>().ToArray()]);
});
app.Run();

internal sealed record PredictRequest(float[] Features);

internal sealed record PredictResponse(string Model, int Version, float[][] Predictions);
