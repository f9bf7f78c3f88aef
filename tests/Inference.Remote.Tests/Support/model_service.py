"""A model service for tests, with the standard library only. POST /score returns the sum of each row and the doubled rows."""
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Service(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        rows = request["data"]["rows"]
        if self.path != "/score" or request["threshold"] != 0.5 or any(value < 0 for row in rows for value in row):
            self.answer(422, {"detail": "the values must not be negative"})
            return
        self.answer(200, {"result": [{"sums": [sum(row) for row in rows]}, {"doubled": [[2 * value for value in row] for row in rows]}]})

    def answer(self, status, body):
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *arguments):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
print(server.server_port, flush=True)
server.serve_forever()
