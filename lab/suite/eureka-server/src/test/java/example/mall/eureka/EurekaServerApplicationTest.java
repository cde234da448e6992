package example.mall.eureka;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;

@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT)
class EurekaServerApplicationTest {

    private final HttpClient client = HttpClient.newHttpClient();

    @LocalServerPort
    private int port;

    @Test
    void keepsWhatAServiceRegisters() throws Exception {
        String instance = """
            {"instance": {"instanceId": "goods-01:goods:8081", "app": "GOODS", "hostName": "goods-01",
              "ipAddr": "192.0.2.1", "vipAddress": "goods", "status": "UP", "port": {"$": 8081, "@enabled": "true"},
              "dataCenterInfo": {"@class": "com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo", "name": "MyOwn"}}}
            """;
        HttpRequest registration = request("/eureka/apps/GOODS")
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(instance))
            .build();
        assertThat(client.send(registration, HttpResponse.BodyHandlers.discarding()).statusCode()).isEqualTo(204);

        HttpRequest query = request("/eureka/apps/GOODS/goods-01:goods:8081").header("Accept", "application/json").build();
        assertThat(client.send(query, HttpResponse.BodyHandlers.ofString()).body()).contains("\"hostName\":\"goods-01\"");
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://localhost:" + port + path));
    }
}
