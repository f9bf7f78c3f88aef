#!/bin/sh
# Requests a prediction by queue message, and reads its result. Uses curl.
# samples/enqueue.sh <URL of the queue predictions, with a SAS that may add> \
#   <URL of the container prediction-results, with a SAS that may read>
set -eu
queue=$1 container=$2
id=order-$(date +%s)-$$

# Each URL consists of an address and a SAS.
place() { printf %s "${1%%\?*}"; }
sas() { printf %s "${1#*\?}"; }

# In XML, & and < in the JSON would have to be written as &amp; and &lt;.
message='{"id":"'$id'","model":"iris","request":{"features":[5.1,3.5,1.4,0.2]}}'
curl --silent --show-error --fail-with-body --output /dev/null "$(place "$queue")/messages?$(sas "$queue")" \
  -H 'Content-Type: application/xml' -d "<QueueMessage><MessageText>$message</MessageText></QueueMessage>"

# The prediction has ended when the blob with its result exists.
until result=$(curl --silent --fail "$(place "$container")/$id.json?$(sas "$container")"); do
  sleep 1
done
echo "queue: $(echo "$result" | sed 's/.*"status":"\([a-z]*\)".*/\1/'), $(echo "$result" | sed 's/.*"labels":\[\[{"label":"\([^"]*\)".*/\1/')"
