using Functions.Grpc;
using Functions.Hosting.Configuration;
using Functions.Worker.Standalone;
using Grpc.AspNetCore.Server.Model;
using Grpc.Health.V1;
using Grpc.HealthCheck;
using Grpc.Reflection;
using Inference.Protocols.OpenInference.Grpc.Messages;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace Functions.Hosting;

/// <summary>
/// Registers the gRPC services. Only this repository's worker serves gRPC; a build with Microsoft's worker leaves this folder out.
/// </summary>
internal static partial class InferenceServices
{
    /// <summary>The maximum size of a reflection request in bytes.</summary>
    private const int MaxReflectionRequest = 4 << 10;

    static partial void AddGrpc(IServiceCollection services, IConfiguration configuration)
    {
        // gRPC is served only on the addresses in Grpc__Urls, which are not set by default.
        if (!GrpcEndpoints.AreEnabled(configuration))
            return;
        var grpc = services.AddGrpc(options =>
        {
            // The worker responds to unknown services. The library's own route for unknown services matches every path of two segments.
            // With that route, an HTTP request to such a path with a wrong method would not get status 405.
            options.IgnoreUnknownServices = true;
            options.MaxReceiveMessageSize = Settings.Read(configuration).MaxBodySize;
            options.CompressionProviders = [.. CountedCompression.All];
        });
        grpc.AddServiceOptions<ReflectionServiceImpl>(static options => options.MaxReceiveMessageSize = MaxReflectionRequest);
        // Client errors are returned to the client and not logged, as over HTTP.
        services.AddLogging(logging => logging.AddFilter("Grpc.AspNetCore.Server", LogLevel.Warning));
        services.AddSingleton<InferenceService>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IServiceMethodProvider<InferenceService>, InferenceMethods>());
        services.AddSingleton<HealthServiceImpl>();
        services.AddSingleton(new ReflectionServiceImpl(GRPCInferenceService.Descriptor, Health.Descriptor));
        services.AddHostedService<HealthStatus>();
        services.AddSingleton(new GrpcEndpoints(MapGrpc));
    }

    private static void MapGrpc(IEndpointRouteBuilder endpoints)
    {
        Add(endpoints.MapGrpcService<InferenceService>()).Finally(CallBodyReader.AddTo);
        Add(endpoints.MapGrpcService<HealthServiceImpl>()).WithMetadata(new AccessLevel(AuthorizationLevel.Anonymous));
        Add(endpoints.MapGrpcService<ReflectionServiceImpl>());

        static GrpcServiceEndpointConventionBuilder Add(GrpcServiceEndpointConventionBuilder service)
        {
            service.Finally(ExpiredDeadline.AddTo);
            service.Finally(GrpcErrors.AddCodes);
            return service;
        }
    }
}
