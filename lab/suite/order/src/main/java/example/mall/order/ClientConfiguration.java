package example.mall.order;

import org.springframework.context.annotation.Configuration;
import org.springframework.web.service.registry.ImportHttpServices;

/** The services that this one calls, under their names in the registry. */
@Configuration(proxyBeanMethods = false)
@ImportHttpServices(group = "goods", types = GoodsClient.class)
@ImportHttpServices(group = "member", types = MemberClient.class)
class ClientConfiguration {
}
