package example.mall.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** The gateway before one small server that stands for every service and answers with the path it was asked for. */
@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT, properties = "eureka.client.enabled=false")
class GatewayApplicationTest {

    private static final HttpServer SERVICE = start();

    @LocalServerPort
    private int port;

    @DynamicPropertySource
    static void instances(DynamicPropertyRegistry properties) {
        for (String service : new String[] {"goods", "order", "member"}) {
            properties.add("spring.cloud.discovery.client.simple.instances." + service + "[0].uri",
                () -> "http://localhost:" + SERVICE.getAddress().getPort());
        }
    }

    @AfterAll
    static void stop() {
        SERVICE.stop(0);
    }

    @ParameterizedTest
    @CsvSource({"/api/goods,/goods", "/api/goods/3,/goods/3", "/api/orders/7,/orders/7", "/api/members/m-1001,/members/m-1001"})
    void routesToTheServiceWithoutThePrefix(String asked, String received) throws Exception {
        HttpResponse<String> answer = get(asked);

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo(received);
    }

    @ParameterizedTest
    @CsvSource({"/goods", "/api/stock", "/eureka/apps"})
    void knowsNoOtherWay(String asked) throws Exception {
        assertThat(get(asked).statusCode()).isEqualTo(404);
    }

    private HttpResponse<String> get(String path) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://localhost:" + port + path)).build();
        return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
    }

    private static HttpServer start() {
        try {
            HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.createContext("/", exchange -> {
                byte[] path = exchange.getRequestURI().getPath().getBytes(StandardCharsets.UTF_8);
                exchange.sendResponseHeaders(200, path.length);
                exchange.getResponseBody().write(path);
                exchange.close();
            });
            server.start();
            return server;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
