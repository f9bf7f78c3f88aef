// A plain ASP.NET Core service around ONNX Runtime, written from the packages' documentation: the peer of the start-up and load benchmarks.
// Like the app, this service loads the model on the first request.
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

var builder = WebApplication.CreateBuilder(args);
var models = builder.Configuration["Models:Source"] ?? "models";
var model = builder.Configuration["Model"] ?? "digits";
builder.Services.AddSingleton(_ => new InferenceSession(Path.Combine(models, model, "1", "model.onnx")));

var app = builder.Build();
app.MapPost($"/models/{model}/predict", (PredictRequest request, InferenceSession session) =>
{
    var (input, metadata) = session.InputMetadata.First();
    var shape = metadata.Dimensions.Select(dimension => Math.Max(dimension, 1)).ToArray();
    var tensor = new DenseTensor<float>(request.Features, shape);
    using var results = session.Run([NamedOnnxValue.CreateFromTensor(input, tensor)]);
    var output = results.First(result => result.Value is Tensor<float>);
    return new PredictResponse(model, 1, [output.AsEnumerable<float>().ToArray()]);
});
app.Run();

internal sealed record PredictRequest(float[] Features);

internal sealed record PredictResponse(string Model, int Version, float[][] Predictions);
