package example.mall.order;

import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.service.annotation.GetExchange;
import org.springframework.web.service.annotation.PostExchange;

/** The service {@code member}. */
public interface MemberClient {

    @GetExchange("/members/{id}")
    Member get(@PathVariable String id);

    @PostExchange("/members/{id}/points")
    Member credit(@PathVariable String id, @RequestBody Credit credit);

    record Member(String id, String name, long points) {
    }

    record Credit(long order, long points) {
    }
}
