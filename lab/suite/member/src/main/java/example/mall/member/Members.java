package example.mall.member;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.data.redis.core.StringRedisTemplate;
import org.springframework.stereotype.Repository;

/**
 * The members as Redis keeps them: a set {@code members} of identifiers; of each a hash {@code member:<id>} with name
 * and points, and a list {@code member:<id>:orders}, latest first.
 */
@Repository
public class Members {

    private static final int ORDERS_KEPT = 10;

    private final StringRedisTemplate redis;

    public Members(StringRedisTemplate redis) {
        this.redis = redis;
    }

    public List<Member> all() {
        return redis.opsForSet().members("members").stream().sorted().flatMap(id -> find(id).stream()).toList();
    }

    public Optional<Member> find(String id) {
        Map<String, String> hash = redis.<String, String>opsForHash().entries(key(id));
        if (hash.isEmpty()) {
            return Optional.empty();
        }
        List<Long> orders = redis.opsForList().range(key(id) + ":orders", 0, -1).stream().map(Long::valueOf).toList();
        return Optional.of(new Member(id, hash.get("name"), Long.parseLong(hash.getOrDefault("points", "0")), orders));
    }

    public Optional<Member> credit(String id, long order, long points) {
        if (!redis.hasKey(key(id))) {
            return Optional.empty();
        }
        redis.opsForHash().increment(key(id), "points", points);
        redis.opsForList().leftPush(key(id) + ":orders", Long.toString(order));
        redis.opsForList().trim(key(id) + ":orders", 0, ORDERS_KEPT - 1);
        return find(id);
    }

    private static String key(String id) {
        return "member:" + id;
    }
}
