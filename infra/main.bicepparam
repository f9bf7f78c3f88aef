// The parameters of `azd up`. Change a value with `azd env set NAME value`.
using 'main.bicep'

param environmentName = readEnvironmentVariable('AZURE_ENV_NAME', 'dev')
param location = readEnvironmentVariable('AZURE_LOCATION', 'westeurope')
param deployerPrincipalId = readEnvironmentVariable('AZURE_PRINCIPAL_ID', '')
param deployerPrincipalType = readEnvironmentVariable('AZURE_PRINCIPAL_TYPE', 'User')
param engine = any(readEnvironmentVariable('FUNCTIONS_ENGINE', 'native'))
param azureRuntime = any(readEnvironmentVariable('AZURE_RUNTIME', 'dotnet-isolated'))
param instanceMemoryMB = any(int(readEnvironmentVariable('INSTANCE_MEMORY_MB', '2048')))
param maximumInstanceCount = int(readEnvironmentVariable('MAXIMUM_INSTANCE_COUNT', '20'))
param alwaysReadyInstances = int(readEnvironmentVariable('ALWAYS_READY_INSTANCES', '0'))
param isolateNetwork = bool(readEnvironmentVariable('ISOLATE_NETWORK', 'false'))
param alertEmail = readEnvironmentVariable('ALERT_EMAIL', '')
