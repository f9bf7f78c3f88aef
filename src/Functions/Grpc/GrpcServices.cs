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

/// <summary>gRPC, which only this repository's worker serves: a build with Microsoft's leaves this folder out.</summary>
internal static partial class InferenceServices
{
    /// <summary>Bytes.</summary>
    private const int SmallMessage = 4 << 10;

    static partial void AddGrpc(IServiceCollection services, IConfiguration configuration)
    {
        // What is not asked for costs nothing.
        if (!GrpcEndpoints.AreEnabled(configuration))
            return;
        var grpc = services.AddGrpc(options =>
        {
            // The worker answers those. The library's own answer takes every path of two segments, and hides the methods of HTTP's.
            options.IgnoreUnknownServices = true;
            options.MaxReceiveMessageSize = Settings.Read(configuration).MaxBodySize;
            options.CompressionProviders = [.. CountedCompression.All];
        });
        grpc.AddServiceOptions<ReflectionServiceImpl>(static options => options.MaxReceiveMessageSize = SmallMessage);
        // What a client sent wrong is told to the client, and no concern of the log's, as over HTTP.
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
        Add(endpoints.MapGrpcService<InferenceService>()).Finally(CallMemory.Guard);
        Add(endpoints.MapGrpcService<HealthServiceImpl>()).WithMetadata(new AccessLevel(AuthorizationLevel.Anonymous));
        Add(endpoints.MapGrpcService<ReflectionServiceImpl>());

        static GrpcServiceEndpointConventionBuilder Add(GrpcServiceEndpointConventionBuilder service)
        {
            service.Finally(GrpcErrors.AddCodes);
            return service;
        }
    }
}
