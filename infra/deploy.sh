#!/usr/bin/env bash
# Deploys the resources, the models and the app with az alone. Run the script again to apply changes.
set -euo pipefail
cd "$(dirname "$0")/.."

usage() {
  cat <<'TEXT'
usage: infra/deploy.sh --group <resource group> [options]

  --group <name>        the resource group; made when it is not there
  --location <region>   where to make it (westeurope)
  --parameters <file>   infra/dev.bicepparam (the default), infra/prod.bicepparam, or your own
  --engine <engine>     native (the default), or official for Microsoft's
  --azure-runtime <r>   dotnet-isolated (the default), or native: preview, .NET not promised by the platform
  --zip <file>          deploy this package instead of building one: an earlier one is a rollback
  --models <folder>     the models to upload (models)
  --skip-models         upload none, as with private endpoints from outside the network
TEXT
}

fail() {
  echo "deploy: $1" >&2
  exit 1
}

group='' location=westeurope parameters=infra/dev.bicepparam engine=native azure_runtime=dotnet-isolated zip='' models=models
while [ $# -gt 0 ]; do
  case $1 in
    -h | --help)
      usage
      exit 0
      ;;
    --skip-models)
      models=''
      shift
      ;;
    --group | --location | --parameters | --engine | --azure-runtime | --zip | --models)
      [ -n "${2:-}" ] || fail "$1 needs a value."
      name=${1#--}
      declare "${name//-/_}=$2"
      shift 2
      ;;
    *)
      usage >&2
      exit 2
      ;;
  esac
done

[ -n "$group" ] || {
  usage >&2
  exit 2
}
case $engine/$azure_runtime in
  native/dotnet-isolated | native/native | official/dotnet-isolated) ;;
  *) fail "there is no engine '$engine' for the Azure runtime '$azure_runtime'." ;;
esac
[ -f "$parameters" ] || fail "there is no file '$parameters'."
[ -z "$zip" ] || [ -f "$zip" ] || fail "there is no file '$zip'."
[ -z "$models" ] || [ -d "$models" ] || fail "there is no folder '$models'."
command -v az >/dev/null || fail "az is not installed."
az account show --output none || fail "log in first: az login."

if [ -z "$zip" ]; then
  zip=artifacts/app.zip
  infra/package.sh "$zip" "$engine" "$azure_runtime"
fi

# The identity that uploads the models, in the form that its role assignment needs.
if [ "$(az account show --query user.type --output tsv)" = user ]; then
  deployer=$(az ad signed-in-user show --query id --output tsv)
  deployer_type=User
else
  deployer=$(az ad sp show --id "$(az account show --query user.name --output tsv)" --query id --output tsv)
  deployer_type=ServicePrincipal
fi

az group show --name "$group" --output none 2>/dev/null || az group create --name "$group" --location "$location" --output none
az deployment group create --name inference --resource-group "$group" --parameters "$parameters" \
  --parameters deployerPrincipalId="$deployer" deployerPrincipalType="$deployer_type" engine="$engine" azureRuntime="$azure_runtime" \
  --output none

output() { az deployment group show --name inference --resource-group "$group" --query "properties.outputs.$1.value" --output tsv; }
# The outputs are read into variables, because a failure inside an argument of another command would go unnoticed.
account=$(output storageAccountName)
container=$(output modelsContainer)
app=$(output functionAppName)
url=$(output functionAppUrl)

[ -z "$models" ] || infra/upload-models.sh "$account" "$container" "$models"
az functionapp deployment source config-zip --resource-group "$group" --name "$app" --src "$zip" --output none

echo "Deployed $zip to $app."
infra/check-deployment.sh "$group" "$app" "$url" "infra/deploy.sh --group $group --parameters $parameters --engine official"
