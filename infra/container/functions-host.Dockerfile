# syntax=docker/dockerfile:1
# The same app under the Functions host, for platforms that run Functions containers (Container Apps, Kubernetes with KEDA).
#   docker build --file infra/container/functions-host.Dockerfile --tag inference-functions .

FROM mcr.microsoft.com/dotnet/sdk:10.0 AS sdk

# Built on the image that runs it: a native executable needs the C library it was linked with, or a newer one.
FROM mcr.microsoft.com/azure-functions/dotnet-isolated:4-dotnet-isolated10.0 AS build
USER root
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends clang zlib1g-dev \
    && rm -rf /var/lib/apt/lists/*
COPY --from=sdk /usr/share/dotnet /sdk
ENV DOTNET_ROOT=/sdk DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
WORKDIR /source
COPY . .
RUN /sdk/dotnet publish src/Functions --configuration Release --runtime linux-x64 --output /app

FROM mcr.microsoft.com/azure-functions/dotnet-isolated:4-dotnet-isolated10.0 AS final
LABEL org.opencontainers.image.title="inference-functions" \
      org.opencontainers.image.description="Serves ONNX models over HTTP and queues, under the Azure Functions host."
# The host looks up the queues' names in its own settings: without these two the queue function does not run. It needs
# InferenceStorage, too, which is the deployment's to set.
ENV AzureWebJobsScriptRoot=/home/site/wwwroot \
    AzureFunctionsJobHost__Logging__Console__IsEnabled=true \
    Predictions__Queue=predictions \
    Predictions__ResultsQueue=predictions-results \
    ASPNETCORE_URLS=http://+:8080
# Owned by root, so that the app cannot change itself.
COPY --from=build /app /home/site/wwwroot
# The user that .NET's images call `app`, by number, because Kubernetes checks runAsNonRoot by number. It may not listen on 80 everywhere.
USER 1654
EXPOSE 8080
