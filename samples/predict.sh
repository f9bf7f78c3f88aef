#!/bin/sh
# Calls predict and Open Inference, and runs a job. Uses curl.  samples/predict.sh [address]; the key, if the server asks for one, in $KEY.
set -eu
address=${1:-http://127.0.0.1:7071}

call() {
  curl --silent --show-error --fail-with-body -H 'Content-Type: application/json' -H "x-functions-key: ${KEY:-}" "$@"
}

label() {
  sed 's/.*"labels":\[\[{"label":"\([^"]*\)".*/\1/'
}

echo "predict: $(call "$address/models/iris/predict" -d '{"features":[5.1,3.5,1.4,0.2]}' | label)"

infer='{"inputs":[{"name":"measurements","shape":[1,4],"datatype":"FP32","data":[5.1,3.5,1.4,0.2]}]}'
echo "infer: $(call "$address/v2/models/iris/infer" -d "$infer" | sed 's/.*"data":\[\([^,]*\),.*/\1/')"

location=$(call --output /dev/null --dump-header - "$address/models/iris/jobs" -d '{"features":[5.1,3.5,1.4,0.2]}' | tr -d '\r' | sed -n 's/^[Ll]ocation: //p')
until job=$(call "$address$location") && echo "$job" | grep -qE '"status":"(succeeded|failed|cancelled)"'; do
  sleep 1
done
echo "job: $(echo "$job" | sed 's/.*"status":"\([a-z]*\)".*/\1/'), $(echo "$job" | label)"
