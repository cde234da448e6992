package example.mall.order;

import org.springframework.cloud.client.loadbalancer.LoadBalancerInterceptor;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.support.RestClientAdapter;
import org.springframework.web.service.invoker.HttpServiceProxyFactory;

/**
 * The services that this one calls; the registry knows where they are.
 *
 * <p>No {@code @LoadBalanced} builder: the registry's own client would take it, and look for the registry in itself.
 */
@Configuration(proxyBeanMethods = false)
class ClientConfiguration {

    @Bean
    GoodsClient goodsClient(RestClient.Builder builder, LoadBalancerInterceptor loadBalancer) {
        return client(GoodsClient.class, builder.baseUrl("http://goods").requestInterceptor(loadBalancer).build());
    }

    @Bean
    MemberClient memberClient(RestClient.Builder builder, LoadBalancerInterceptor loadBalancer) {
        return client(MemberClient.class, builder.baseUrl("http://member").requestInterceptor(loadBalancer).build());
    }

    private static <T> T client(Class<T> type, RestClient client) {
        return HttpServiceProxyFactory.builderFor(RestClientAdapter.create(client)).build().createClient(type);
    }
}
