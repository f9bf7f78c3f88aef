using System.Globalization;
using Functions.Hosting;
using Functions.Predictions;
using Grpc.Core;
using Inference;
using Inference.Catalog;
using Inference.Diagnostics;
using Inference.Models;
using Inference.Protocols.OpenInference;
using Inference.Protocols.OpenInference.Grpc;
using Inference.Protocols.OpenInference.Grpc.Messages;
using Inference.Reload;
using Inference.Requests;
using Inference.Tensors;

namespace Functions.Grpc;

/// <summary>The Open Inference Protocol v2 over gRPC: the handlers of the calls in <see cref="InferenceMethods"/>.</summary>
internal sealed class InferenceService(
    Predictor predictor, ModelCatalog catalog, ModelReloader reloader, Liveness liveness, Readiness readiness)
{
    /// <summary>Runs an infer call. The token of the call is also cancelled when the call's deadline has passed.</summary>
    public async Task<InferResponse> InferAsync(InferCall call, ServerCallContext context)
    {
        using (call)
        {
            var (name, selector) = (ModelName.Parse(call.Model), SelectVersion(context, call.Model, call.Version));
            var prediction =
                await predictor.PredictAsync(name, selector, call, AddClassificationKeys, context.CancellationToken).ConfigureAwait(false);
            var response = new InferResponse(Classification.Apply(prediction, call.Outputs), call.Outputs);
            CallBodyReader.RegisterResponse(context.GetHttpContext(), response);
            return response;
        }
    }

    /// <summary>
    /// Runs the requests of a stream one after the other. A failed request does not end the stream. Requests of one stream never share a
    /// batch; requests of separate calls can.
    /// </summary>
    public async Task InferStreamAsync(
        IAsyncStreamReader<InferCall> calls, IServerStreamWriter<StreamResponse> responses, ServerCallContext context)
    {
        while (await calls.MoveNext(context.CancellationToken).ConfigureAwait(false))
        {
            StreamResponse response;
            try
            {
                response = StreamResponse.FromResult(await InferAsync(calls.Current, context).ConfigureAwait(false));
            }
            catch (Exception e) when (e is InferenceException or OutOfMemoryException)
            {
                var failure = e as InferenceException ?? RequestMemory.CreateExhaustedError(e);
                InferenceMetrics.RecordError(ErrorCodes.ForCaller(failure));
                response = StreamResponse.FromFailure(CallerText.Redact(failure), calls.Current.Request.Id);
            }

            await responses.WriteAsync(response, context.CancellationToken).ConfigureAwait(false);
        }
    }

    public Task<ServerLiveResponse> CheckLive() => Task.FromResult(new ServerLiveResponse { Live = liveness.IsLive });

    public Task<ServerReadyResponse> CheckReady() => Task.FromResult(new ServerReadyResponse { Ready = readiness.IsReady });

    public static Task<ServerMetadataResponse> DescribeServer() => Task.FromResult(new ServerMetadataResponse
    {
        Name = ServerIdentity.Name,
        Version = ServerIdentity.Version,
        Extensions = { OpenInferenceWriter.Extensions },
    });

    /// <summary>
    /// Loads the model if necessary, and reports whether the model can run, as the HTTP route does. Without this load, a model would not be
    /// ready before its first request.
    /// </summary>
    public async Task<ModelReadyResponse> IsModelReadyAsync(ModelReadyRequest request, ServerCallContext context)
    {
        try
        {
            using var lease = await LeaseAsync(request.Name, request.Version, context).ConfigureAwait(false);
            return new ModelReadyResponse { Ready = await lease.CheckAsync(context.CancellationToken).ConfigureAwait(false) is null };
        }
        catch (InferenceException e) when (e.Error == InferenceError.ModelUnavailable)
        {
            return new ModelReadyResponse { Ready = false };
        }
    }

    /// <summary>Describes a model. Loads the model, because the response contains the model's signature.</summary>
    public async Task<ModelMetadataResponse> DescribeModelAsync(ModelMetadataRequest request, ServerCallContext context)
    {
        using var lease = await LeaseAsync(request.Name, request.Version, context).ConfigureAwait(false);
        var statuses = await catalog.ListAsync(lease.Model.Id.Name, context.CancellationToken).ConfigureAwait(false);
        return new ModelMetadataResponse
        {
            Name = lease.Model.Id.Name.Value,
            Platform = OpenInferenceWriter.Platform,
            Versions = { statuses.Select(status => FormatVersion(status.Version.Id.Version)) },
            Inputs = { lease.Model.Signature.Inputs.Select(Describe) },
            Outputs = { lease.Model.Signature.Outputs.Select(Describe) },
        };
    }

    /// <summary>Returns how a model is served, in Triton's format. Loads the model.</summary>
    public async Task<ModelConfigResponse> GetConfigurationAsync(ModelConfigRequest request, ServerCallContext context)
    {
        using var lease = await LeaseAsync(request.Name, request.Version, context).ConfigureAwait(false);
        return new ModelConfigResponse { Config = ModelMessages.CreateConfig(lease) };
    }

    /// <summary>Returns the statistics of one model, or of all models if the request names none.</summary>
    public async Task<ModelStatisticsResponse> GetStatisticsAsync(ModelStatisticsRequest request, ServerCallContext context)
    {
        var (name, selector) = ((ModelName?)null, default(VersionSelector));
        if (request.Name.Length > 0)
        {
            (name, selector) = (ModelName.Parse(request.Name), SelectVersion(context, request.Name, request.Version));
            await catalog.CheckAsync(name.Value, selector, context.CancellationToken).ConfigureAwait(false);
        }

        return new ModelStatisticsResponse
        {
            ModelStats = { catalog.GetStatistics(name, selector.Version)
                .Select(version => ModelMessages.CreateStatistics(version.Id, version.Statistics)) },
        };
    }

    /// <summary>Lists the versions of all models, or only the loaded versions if the request sets <c>ready</c>.</summary>
    public async Task<RepositoryIndexResponse> GetIndexAsync(RepositoryIndexRequest request, ServerCallContext context)
    {
        var statuses = await catalog.ListAsync(name: null, context.CancellationToken).ConfigureAwait(false);
        return new RepositoryIndexResponse
        {
            Models =
            {
                statuses.Where(status => !request.Ready || status.State == ModelState.Ready)
                    .Select(status => new RepositoryIndexResponse.Types.ModelIndex
                {
                    Name = status.Version.Id.Name.Value,
                    Version = FormatVersion(status.Version.Id.Version),
                    State = OpenInferenceWriter.Describe(status.State),
                    Reason = status.Reason ?? "",
                }),
            },
        };
    }

    /// <summary>Reads the store at once, and loads the version that serves requests without a version.</summary>
    public async Task<RepositoryModelLoadResponse> LoadAsync(RepositoryModelLoadRequest request, ServerCallContext context)
    {
        var name = ModelName.Parse(request.ModelName);
        foreach (var parameter in request.Parameters.Keys)
            RepositoryBody.ThrowIfOverride(parameter);
        await reloader.LoadAsync(name, context.CancellationToken).ConfigureAwait(false);
        return new RepositoryModelLoadResponse();
    }

    /// <summary>Unloads all versions of a model. A later request loads the version that it needs.</summary>
    public async Task<RepositoryModelUnloadResponse> UnloadAsync(RepositoryModelUnloadRequest request, ServerCallContext context)
    {
        await catalog.UnloadAsync(ModelName.Parse(request.ModelName)).WaitAsync(context.CancellationToken).ConfigureAwait(false);
        return new RepositoryModelUnloadResponse();
    }

    private static PredictionRequest AddClassificationKeys(InferCall call, Model model)
    {
        Classification.AddKeys(call.Request, model.Signature, call.Outputs);
        return call.Request;
    }

    private ValueTask<ModelLease> LeaseAsync(string model, string version, ServerCallContext context) =>
        catalog.LeaseAsync(ModelName.Parse(model), SelectVersion(context, model, version), context.CancellationToken);

    private static VersionSelector SelectVersion(ServerCallContext context, string model, string version) =>
        RequestedVersion.Select(context.GetHttpContext().Request, model, version.Length == 0 ? null : version);

    private static ModelMetadataResponse.Types.TensorMetadata Describe(TensorSpec spec) => new()
    {
        Name = spec.Name,
        Datatype = spec.Type.Name(),
        Shape = { spec.ShapeForProtocols.Dimensions.ToArray() },
    };

    private static string FormatVersion(long version) => version.ToString(CultureInfo.InvariantCulture);
}
