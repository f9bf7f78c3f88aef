using Functions.Worker.Standalone;
using Google.Protobuf;
using Grpc.AspNetCore.Server.Model;
using Grpc.Core;
using Inference;
using Inference.Protocols.OpenInference.Grpc;
using Inference.Protocols.OpenInference.Grpc.Messages;
using Inference.Tensors;
using Microsoft.Azure.Functions.Worker;

namespace Functions.Grpc;

/// <summary>
/// Registers the methods of <c>inference.GRPCInferenceService</c> with their messages and access levels, and converts their errors to gRPC
/// statuses.
/// </summary>
internal sealed class InferenceMethods : IServiceMethodProvider<InferenceService>
{
    private const string ServiceName = "inference.GRPCInferenceService";

    public void OnServiceMethodDiscovery(ServiceMethodProviderContext<InferenceService> context)
    {
        Add(context, "ModelInfer", InferMarshallers.Request, InferMarshallers.Response, AuthorizationLevel.Function,
            static (service, request, call) => service.InferAsync(request, call));
        context.AddDuplexStreamingMethod(
            new Method<InferCall, StreamResponse>(
                MethodType.DuplexStreaming, ServiceName, "ModelStreamInfer", InferMarshallers.Request, InferMarshallers.Streamed),
            [new AccessLevel(AuthorizationLevel.Function)],
            static (service, requests, responses, call) => service.InferStreamAsync(requests, responses, call));
        Add(context, "ServerLive", ServerLiveRequest.Parser, ServerLiveResponse.Parser, AuthorizationLevel.Anonymous,
            static (service, _, _) => service.CheckLive());
        Add(context, "ServerReady", ServerReadyRequest.Parser, ServerReadyResponse.Parser, AuthorizationLevel.Anonymous,
            static (service, _, _) => service.CheckReady());
        Add(context, "ServerMetadata", ServerMetadataRequest.Parser, ServerMetadataResponse.Parser, AuthorizationLevel.Function,
            static (_, _, _) => InferenceService.DescribeServer());
        Add(context, "ModelReady", ModelReadyRequest.Parser, ModelReadyResponse.Parser, AuthorizationLevel.Function,
            static (service, request, call) => service.IsModelReadyAsync(request, call));
        Add(context, "ModelMetadata", ModelMetadataRequest.Parser, ModelMetadataResponse.Parser, AuthorizationLevel.Function,
            static (service, request, call) => service.DescribeModelAsync(request, call));
        Add(context, "ModelStatistics", ModelStatisticsRequest.Parser, ModelStatisticsResponse.Parser, AuthorizationLevel.Function,
            static (service, request, call) => service.GetStatisticsAsync(request, call));
        Add(context, "ModelConfig", ModelConfigRequest.Parser, ModelConfigResponse.Parser, AuthorizationLevel.Function,
            static (service, request, call) => service.GetConfigurationAsync(request, call));
        Add(context, "RepositoryIndex", RepositoryIndexRequest.Parser, RepositoryIndexResponse.Parser, AuthorizationLevel.Admin,
            static (service, request, call) => service.GetIndexAsync(request, call));
        Add(context, "RepositoryModelLoad", RepositoryModelLoadRequest.Parser, RepositoryModelLoadResponse.Parser, AuthorizationLevel.Admin,
            static (service, request, call) => service.LoadAsync(request, call));
        Add(
            context, "RepositoryModelUnload", RepositoryModelUnloadRequest.Parser, RepositoryModelUnloadResponse.Parser,
            AuthorizationLevel.Admin,
            static (service, request, call) => service.UnloadAsync(request, call));
    }

    private static void Add<TRequest, TResponse>(
        ServiceMethodProviderContext<InferenceService> context,
        string name,
        MessageParser<TRequest> request,
        MessageParser<TResponse> response,
        AuthorizationLevel level,
        UnaryServerMethod<InferenceService, TRequest, TResponse> handle)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse> =>
        Add(context, name, InferMarshallers.CreateMarshaller(request), InferMarshallers.CreateMarshaller(response), level, handle);

    private static void Add<TRequest, TResponse>(
        ServiceMethodProviderContext<InferenceService> context,
        string name,
        Marshaller<TRequest> request,
        Marshaller<TResponse> response,
        AuthorizationLevel level,
        UnaryServerMethod<InferenceService, TRequest, TResponse> handle)
        where TRequest : class
        where TResponse : class
    {
        context.AddUnaryMethod(
            new Method<TRequest, TResponse>(MethodType.Unary, ServiceName, name, request, response), [new AccessLevel(level)], HandleAsync);

        async Task<TResponse> HandleAsync(InferenceService service, TRequest message, ServerCallContext call)
        {
            try
            {
                return await handle(service, message, call).ConfigureAwait(false);
            }
            catch (InferenceException e)
            {
                throw GrpcErrors.From(e);
            }
            catch (OutOfMemoryException e)
            {
                throw GrpcErrors.From(RequestMemory.CreateExhaustedError(e));
            }
        }
    }
}
