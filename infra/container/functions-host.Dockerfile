# syntax=docker/dockerfile:1
# Runs the app under the Functions host, for platforms that run Functions containers (Container Apps, Kubernetes with KEDA).
#   docker build --file infra/container/functions-host.Dockerfile --tag inference-functions .

FROM mcr.microsoft.com/dotnet/sdk:10.0 AS sdk

# The build runs on the image that runs the app, because a native executable needs the C library that it was linked with, or a newer one.
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
# The host looks up the names of the queues in its own settings. Without both names, the queue functions do not run. They also need
# InferenceStorage, which the deployment sets.
ENV AzureWebJobsScriptRoot=/home/site/wwwroot \
    AzureFunctionsJobHost__Logging__Console__IsEnabled=true \
    Predictions__Queue=predictions \
    Predictions__ResultsQueue=predictions-results \
    ASPNETCORE_URLS=http://+:8080
# The files are owned by root, so that the app cannot change itself.
COPY --from=build /app /home/site/wwwroot
# The number of the user `app` of .NET's images, because Kubernetes checks runAsNonRoot by number. This user may not listen on port 80
# everywhere.
USER 1654
EXPOSE 8080
